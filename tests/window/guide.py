# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside the watched Blender: opens the sidebar on our tab, then writes what there is, five times a second.

With TEXT3D_ONLY_WATCH it opens nothing, and leaves Blender as a new user finds it.
"""

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
    """The region must be drawn once before its tab can be chosen."""
    _, area, _ = view()
    area.spaces.active.show_region_ui = True
    area.tag_redraw()
    bpy.app.timers.register(choose_tab, first_interval=1.5)


def choose_tab():
    _, area, region = view()
    region.active_panel_category = "Text3D"
    area.tag_redraw()
    area.spaces.active.region_3d.view_distance = 5.0  # a metre is small from where a new file is seen
    bpy.data.objects.remove(bpy.data.objects["Cube"])  # it would stand around the new object
    bpy.app.timers.register(write_state, first_interval=1.5, persistent=True)


def view(region_type="UI"):
    """The first window's 3D view, else that of another window."""
    return next(views(region_type))


def views(region_type):
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                yield window, area, next(region for region in area.regions if region.type == region_type)


def write_state():
    global beat
    beat += 1
    take_settings()
    with open(STATE_FILE + ".new", "w") as file:
        json.dump(state(), file)
    os.replace(STATE_FILE + ".new", STATE_FILE)
    return INTERVAL_S


def take_settings():
    """What blender_window.py asks for, as if it were typed into the panel."""
    if os.path.exists(STATE_FILE + ".settings"):
        with open(STATE_FILE + ".settings") as file:
            for name, value in json.load(file).items():
                BESIDE.get(name, set_property(name))(value)
        os.remove(STATE_FILE + ".settings")
        view()[1].tag_redraw()  # as the panel is after a choice


def set_property(name):
    return lambda value: setattr(bpy.context.scene.text3d, name, value)


def set_shading(shading):
    view()[1].spaces.active.shading.type = shading


def set_engine(kind):
    """Blender's name of the engine differs between versions."""
    names = [item.identifier for item in bpy.context.scene.render.bl_rna.properties["engine"].enum_items]
    found = [name for name in names if kind and kind in name]
    if kind == "CYCLES":
        bpy.ops.preferences.addon_enable(module="cycles")
        found = ["CYCLES"]
    if found:
        bpy.context.scene.render.engine = found[0]


def show_alone(name):
    """In the middle of the view, where the sidebar does not hide it."""
    for made in bpy.data.objects:
        if made.type == "MESH":
            made.hide_set(made.name != name)
        if made.name == name:
            made.location = (0, 0, 0)


def generate(_):
    window, area, region = view()
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.text3d.generate()


def set_worker_python(path):
    os.environ["TEXT3D_WORKER_PYTHON"] = path


def examine(is_wanted):
    (bpy.ops.text3d.examine if is_wanted else bpy.ops.text3d.forget_findings)()


def set_base_python(path):
    """The Python that Set Up builds on, as if it were typed into the preferences."""
    bpy.context.preferences.addons[MODULE].preferences.base_python = path


def set_torch(build):
    """The build of PyTorch that Set Up takes, as if it were chosen in the preferences."""
    bpy.context.preferences.addons[MODULE].preferences.torch = build


def operate(call):
    """An operator by its name, with its options, as from the first 3D view."""
    (group, name), options = call[0].split("."), call[1]
    window, area, region = view("WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        getattr(getattr(bpy.ops, group), name)(**options)


def set_workspace(name):
    bpy.context.window_manager.windows[0].workspace = bpy.data.workspaces[name]


def open_all_sidebars(_):
    """In all windows; the tabs when they have been drawn."""
    for _, area, _ in views("UI"):
        area.spaces.active.show_region_ui = True
        area.tag_redraw()
    bpy.app.timers.register(choose_all_tabs, first_interval=1.5)


def choose_all_tabs():
    for _, area, region in views("UI"):
        region.active_panel_category = "Text3D"
        area.tag_redraw()


def close_window(index):
    """As the cross in its frame does; on a screen without a window manager it has no frame."""
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[index]):
        bpy.ops.wm.window_close()


BESIDE = {
    "shading": set_shading,
    "engine": set_engine,
    "alone": show_alone,
    "generate": generate,
    "worker_python": set_worker_python,
    "base_python": set_base_python,
    "torch": set_torch,
    "doctor": examine,
    "close_window": close_window,
    "operate": operate,
    "workspace": set_workspace,
    "all_sidebars": open_all_sidebars,
}


def state():
    region = view()[2]
    about_blender = {
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
        "on_screen": {made.name: on_screen(made) for made in bpy.data.objects},
    }
    return about_blender | (about_addon() if MODULE in sys.modules and hasattr(bpy.types.Scene, "text3d") else {})


def about_addon():
    session = sys.modules[MODULE + ".addon.state.session_state"].state
    tasks = sys.modules[MODULE + ".addon.registration"]
    doctor, environment = tasks.doctor_task, tasks.environment_task
    active = bpy.context.view_layer.objects.active
    return {
        "prompt": bpy.context.scene.text3d.prompt,
        "jobs": [{"stage": job.stage, "share": job.share_done} for job in session.running],
        "offers": len(session.ready),
        "underway": len(session.orphaned),
        "trouble": str(session.problem or ""),
        "missing": [file.name for file in tasks.weights_task.missing(bpy.context.scene.text3d.model)],
        "findings": {} if doctor.is_running() else {found.check: found.state for found in doctor.findings},
        "active": active.name if active else "",
        "set_up": vars(environment.newest) if environment.is_running() else {},
        "objects": [about(made) for made in bpy.data.objects if "text3d_job_id" in made or "text3d_forming" in made],
    }


def about(made):
    return {
        "name": made.name,
        "type": made.type,
        "vertices": len(made.data.vertices) if made.type == "MESH" else 0,
        "is_forming": "text3d_forming" in made,
        "recipe": json.loads(made.get("text3d_recipe", "{}")),
        "location": list(made.location),
    }


def on_screen(made):
    """Of the middle of its bounding box; pixels from the screen's top left corner."""
    window, area, _ = view()
    region = next(region for region in area.regions if region.type == "WINDOW")
    middle = made.matrix_world @ (sum(map(Vector, made.bound_box), Vector()) / 8)
    found = location_3d_to_region_2d(region, area.spaces.active.region_3d, middle)
    return [round(region.x + found.x), round(window.height - region.y - found.y)] if found else None


if "TEXT3D_ONLY_WATCH" in os.environ:
    bpy.app.timers.register(write_state, first_interval=1.0, persistent=True)
else:
    bpy.context.preferences.view.show_splash = False
    bpy.app.timers.register(open_sidebar, first_interval=1.0)
