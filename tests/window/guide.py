# SPDX-License-Identifier: GPL-3.0-or-later
"""Script run inside the observed Blender: it opens the sidebar on the add-on's tab and writes the state at 5 Hz.

With TEXT3D_ONLY_WATCH it opens nothing and leaves Blender in its factory state.
"""

import importlib
import json
import os
import sys

import bpy
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector

STATE_FILE = os.environ["TEXT3D_STATE"]
MODULE = "bl_ext.user_default.blender_text3d"
INTERVAL_S = 0.2

beat = 0


def open_sidebar():
    """Show the sidebar; its region must be drawn once before a tab can be selected."""
    _, area, _ = view()
    area.spaces.active.show_region_ui = True
    area.tag_redraw()
    bpy.app.timers.register(choose_tab, first_interval=1.5)


def choose_tab():
    _, area, region = view()
    region.active_panel_category = "Text3D"
    area.tag_redraw()
    area.spaces.active.region_3d.view_distance = 5.0  # one meter is small from the default viewpoint
    bpy.data.objects.remove(bpy.data.objects["Cube"])  # it would enclose the new object
    bpy.app.timers.register(write_state, first_interval=1.5, persistent=True)


def view(region_type="UI"):
    """Return (window, area, region) of the first 3D view, that of the first window if it has one."""
    return next(views(region_type))


def views(region_type):
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                yield window, area, next(region for region in area.regions if region.type == region_type)


def write_state():
    global beat
    beat += 1
    apply_settings()
    with open(STATE_FILE + ".new", "w") as file:
        json.dump(state(), file)
    os.replace(STATE_FILE + ".new", STATE_FILE)
    return INTERVAL_S


def apply_settings():
    """Apply the settings from blender_window.py, as if they were typed into the panel."""
    if os.path.exists(STATE_FILE + ".settings"):
        with open(STATE_FILE + ".settings") as file:
            for name, value in json.load(file).items():
                ACTIONS.get(name, set_property(name))(value)
        os.remove(STATE_FILE + ".settings")
        view()[1].tag_redraw()  # as the panel does after a change


def set_property(name):
    return lambda value: setattr(bpy.context.scene.text3d, name, value)


def set_shading(shading):
    view()[1].spaces.active.shading.type = shading


def set_engine(kind):
    """Select a render engine by a part of its identifier, which differs between Blender versions."""
    names = [item.identifier for item in bpy.context.scene.render.bl_rna.properties["engine"].enum_items]
    found = [name for name in names if kind and kind in name]
    if kind == "CYCLES":
        bpy.ops.preferences.addon_enable(module="cycles")
        found = ["CYCLES"]
    if found:
        bpy.context.scene.render.engine = found[0]


def show_only(name):
    """Show only this object, at the center of the view, clear of the sidebar."""
    for item in bpy.data.objects:
        if item.type == "MESH":
            item.hide_set(item.name != name)
        if item.name == name:
            item.location = (0, 0, 0)


def generate(_):
    window, area, region = view()
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.text3d.generate()


def set_worker_python(path):
    os.environ["TEXT3D_WORKER_PYTHON"] = path


def run_doctor(is_enabled):
    (bpy.ops.text3d.examine if is_enabled else bpy.ops.text3d.forget_findings)()


def set_base_python(path):
    """Set the base Python of Set Up, as if it were typed into the preferences."""
    bpy.context.preferences.addons[MODULE].preferences.base_python = path


def set_torch(build):
    """Set the PyTorch build of Set Up, as if it were selected in the preferences."""
    bpy.context.preferences.addons[MODULE].preferences.torch = build


def operate(call):
    """Run an operator by its name, with its options and "INVOKE_DEFAULT" or nothing, in the first 3D view."""
    (group, name), options, *context = call[0].split("."), *call[1:]
    window, area, region = view("WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        getattr(getattr(bpy.ops, group), name)(*context, **options)


def set_workspace(name):
    bpy.context.window_manager.windows[0].workspace = bpy.data.workspaces[name]


def open_all_sidebars(_):
    """Show the sidebar in all windows, and select the tab once they are drawn."""
    for _, area, _ in views("UI"):
        area.spaces.active.show_region_ui = True
        area.tag_redraw()
    bpy.app.timers.register(choose_all_tabs, first_interval=1.5)


def choose_all_tabs():
    for _, area, region in views("UI"):
        region.active_panel_category = "Text3D"
        area.tag_redraw()


def browse(folder):
    """Show a folder of images in a file browser, in place of the properties; "" brings these back."""
    area = side_area(bpy.context.window_manager.windows[0].screen)
    area.ui_type = "FILES" if folder else "PROPERTIES"
    if folder:
        bpy.app.timers.register(lambda: choose_folder(area.spaces.active, folder), first_interval=1.5)


def side_area(screen):
    """Return the area of the properties, also while it shows a file browser."""
    return next(area for area in screen.areas if area.type in ("PROPERTIES", "FILE_BROWSER"))


def choose_folder(space, folder):
    """Show thumbnails, once the file browser is drawn and has its parameters."""
    space.params.directory, space.params.display_type = folder.encode(), "THUMBNAIL"
    space.show_region_toolbar = False


def set_library(folder):
    """Set the library folder of assets, as if it were typed into the panel."""
    bpy.context.preferences.addons[MODULE].preferences.asset_folder = folder


def browse_assets(wanted):
    """Show a library of assets with a search, in place of the properties."""
    library, search = wanted
    area = side_area(bpy.context.window_manager.windows[0].screen)
    area.ui_type = "ASSETS"
    bpy.app.timers.register(lambda: choose_library(area, library, search), first_interval=2.0)


def choose_library(area, library, search):
    """Choose the library once the browser is drawn and has its parameters."""
    space = area.spaces.active
    space.params.asset_library_reference, space.params.filter_search = library, search
    space.show_region_toolbar = space.show_region_tool_props = False
    area.tag_redraw()


def close_window(index):
    """Close a window; without a window manager it has no frame with a close button."""
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[index]):
        bpy.ops.wm.window_close()


ACTIONS = {
    "shading": set_shading,
    "engine": set_engine,
    "show_only": show_only,
    "generate": generate,
    "worker_python": set_worker_python,
    "base_python": set_base_python,
    "torch": set_torch,
    "doctor": run_doctor,
    "close_window": close_window,
    "browse": browse,
    "library": set_library,
    "browse_assets": browse_assets,
    "operate": operate,
    "workspace": set_workspace,
    "all_sidebars": open_all_sidebars,
}


def state():
    region = view()[2]
    blender_state = {
        "beat": beat,
        "is_panel_shown": region.active_panel_category == "Text3D",
        "sidebar": [region.x, region.y, region.width, region.height],
        "version": bpy.app.version,
        "tabs": [region.active_panel_category for _, _, region in views("UI")],
        "is_online": bpy.app.online_access,
        "windows": len(bpy.context.window_manager.windows),
        "sidebars": [
            [part.x, window.height - part.y - part.height, part.width, part.height] for window, _, part in views("UI")
        ],
        "asset_libraries": [library.name for library in bpy.context.preferences.filepaths.asset_libraries],
        "asset_browser": asset_browser(),
        "sizes": {item.name: [*item.dimensions, *item.scale] for item in bpy.context.scene.objects},
        "on_screen": {item.name: on_screen(item) for item in bpy.data.objects},
    }
    return blender_state | (addon_state() if MODULE in sys.modules and hasattr(bpy.types.Scene, "text3d") else {})


def asset_browser():
    """Return the place of the assets on the screen, from its top left corner, or None."""
    window = bpy.context.window_manager.windows[0]
    areas = [area for area in window.screen.areas if area.ui_type == "ASSETS"]
    parts = [part for area in areas for part in area.regions if part.type == "WINDOW"]
    return [[part.x, window.height - part.y - part.height, part.width, part.height] for part in parts][:1]


def module(name):
    """Return a module of the installed add-on."""
    return importlib.import_module(f"{MODULE}.{name}")


def addon_state():
    session = sys.modules[MODULE + ".addon.state.session_state"].state
    tasks = sys.modules[MODULE + ".addon.registration"]
    doctor, environment = tasks.doctor_task, tasks.environment_task
    active = bpy.context.view_layer.objects.active
    return {
        "prompt": bpy.context.scene.text3d.prompt,
        "jobs": [{"stage": job.stage, "share": job.share_done} for job in session.running],
        "ready": len(session.ready),
        "orphaned": len(session.orphaned),
        "problem": str(session.problem or ""),
        "missing": [file.name for file in tasks.weights_task.missing(bpy.context.scene.text3d.model)],
        "findings": {} if doctor.is_running() else {found.check: found.state for found in doctor.findings},
        "active": active.name if active else "",
        "is_sheet_open": module("addon.jobs.contact_sheet").sheet is not None,
        "live": live_state(),
        "run": {**tasks.cluster_task.status._asdict(), "is_running": tasks.cluster_task.is_running()},
        "image": bpy.context.scene.text3d.image,
        "results": [entry.job_id for entry in module("addon.results.strip").strip.entries],
        "starred": [entry.job_id for entry in module("addon.results.strip").strip.entries if entry.is_starred],
        "setup": environment.newest._asdict() if environment.is_running() else {},
        "objects": [
            object_state(item) for item in bpy.data.objects if "text3d_job_id" in item or "text3d_forming" in item
        ],
    }


def live_state():
    """Return "" while Live is off, "waiting" before its first draft, and "shown" from then on."""
    live = module("addon.jobs.live").live
    return "" if live is None else "shown" if live.shown else "waiting"


def object_state(item):
    return {
        "name": item.name,
        "type": item.type,
        "vertices": len(item.data.vertices) if item.type == "MESH" else 0,
        "faces_shown": faces_shown(item),
        "is_preview": "text3d_forming" in item,
        "recipe": json.loads(item.get("text3d_recipe", "{}")),
        "location": list(item.location),
        "version": module("scene.version_list").version_number(item),
        "versions": module("scene.version_list").version_count(item),
    }


def faces_shown(item):
    """Return the number of faces of a mesh after its modifiers."""
    if item.type != "MESH":
        return 0
    evaluated = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return len(evaluated.data.polygons)


def on_screen(item):
    """Return the center of an object's bounding box in pixels from the screen's top left corner, or None."""
    window, area, _ = view()
    region = next(region for region in area.regions if region.type == "WINDOW")
    center = item.matrix_world @ (sum(map(Vector, item.bound_box), Vector()) / 8)
    found = location_3d_to_region_2d(region, area.spaces.active.region_3d, center)
    return [round(region.x + found.x), round(window.height - region.y - found.y)] if found else None


if "TEXT3D_ONLY_WATCH" in os.environ:
    bpy.app.timers.register(write_state, first_interval=1.0, persistent=True)
else:
    bpy.context.preferences.view.show_splash = False
    bpy.app.timers.register(open_sidebar, first_interval=1.0)
