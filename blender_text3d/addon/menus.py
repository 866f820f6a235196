# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries in Blender's own menus, which also make every operator findable by menu search (F3)."""

from typing import Any

import bpy

from .operators.rotate import ANGLE_ITEMS
from .operators.surface import ACTIONS
from .state.problem import is_set_up

RESULT_OPERATORS = (
    "import",
    "select_objects",
    "use_prompt",
    "use_seed",
    "use_settings",
    "regenerate",
    "star",
    "reject",
    "reveal",
    "export",
    "delete",
)
MESH_OPERATORS = ("set_faces", "remesh", "smooth", "check_mesh", "fix_mesh", "make_lods")
VERSION_OPERATORS = ("previous_version", "next_version", "delete_version", "keep_version", "versions_to_objects")


class TEXT3D_MT_text3d(bpy.types.Menu):
    """Object > Text3D: everything the add-on does."""

    bl_label = "Text3D"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator_context = "INVOKE_REGION_WIN"
        layout.operator("text3d.generate", icon="SHADERFX").count = 0
        layout.menu("TEXT3D_MT_generate", text="Generate Variations")
        layout.menu("TEXT3D_MT_image_sources", text="Choose Image From")
        layout.separator()
        layout.operator("text3d.encode_selected")
        layout.operator("text3d.vary_object", text="Vary My Object…")
        layout.separator()
        draw_object_operators(layout)
        layout.separator()
        layout.operator("text3d.live")
        layout.operator("text3d.keep_live")
        layout.menu("TEXT3D_MT_results")
        layout.menu("TEXT3D_MT_jobs")
        layout.menu("TEXT3D_MT_setup")


class TEXT3D_MT_generated_object(bpy.types.Menu):
    """All operators on the active generated object."""

    bl_label = "Text3D"

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.operator_context = "INVOKE_REGION_WIN"
        draw_object_operators(self.layout)


class TEXT3D_MT_mesh(bpy.types.Menu):
    """Operators on the faces of the selected meshes, generated or not."""

    bl_label = "Mesh"

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.operator_context = "INVOKE_REGION_WIN"
        for name in MESH_OPERATORS:
            self.layout.operator(f"text3d.{name}")


class TEXT3D_MT_surface(bpy.types.Menu):
    """Operators on the textures, materials and parts of the selected meshes, generated or not."""

    bl_label = "Surface and Parts"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator_context = "INVOKE_REGION_WIN"
        layout.operator("text3d.bake_texture")
        for action, label, _ in ACTIONS:
            layout.operator("text3d.set_material", text=label).action = action
        layout.operator("text3d.separate_parts")
        layout.operator("text3d.join_parts")


class TEXT3D_MT_results(bpy.types.Menu):
    """All operators on the result that is selected in the strip."""

    bl_label = "Selected Result"

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.operator_context = "INVOKE_REGION_WIN"
        for name in RESULT_OPERATORS:
            self.layout.operator(f"text3d.result_{name}").job_id = ""
        self.layout.separator()
        self.layout.operator("text3d.keep_as_asset", text="Keep Result as Asset").source = "RESULT"
        self.layout.operator("text3d.keep_as_asset", text="Keep Starred as Assets").source = "STARRED"


class TEXT3D_MT_jobs(bpy.types.Menu):
    """Jobs of the queue and of earlier sessions."""

    bl_label = "Jobs"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator_context = "INVOKE_REGION_WIN"
        for name in ("cancel_running", "cancel_waiting", "cancel"):
            layout.operator(f"text3d.{name}")
        layout.separator()
        layout.operator("text3d.queue_pause")
        layout.operator("text3d.queue_resume")
        layout.operator("text3d.retry_job", text="Retry Last Job").job_id = ""
        layout.operator("text3d.remove_job", text="Remove Failed and Canceled Jobs").job_id = ""
        layout.operator("text3d.import_job", text="Import Finished Objects").job_id = ""
        layout.operator("text3d.resume_jobs", text="Resume Unfinished Jobs")
        layout.separator()
        layout.operator("text3d.results_compact")
        layout.operator("text3d.results_delete_old", text="Delete Old Results…")
        layout.operator("text3d.free_memory")
        layout.operator("text3d.cancel_assets")


class TEXT3D_MT_setup(bpy.types.Menu):
    """The environment and the model files."""

    bl_label = "Setup"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator_context = "INVOKE_REGION_WIN"
        layout.operator("text3d.set_up").is_anew = False
        layout.operator("text3d.install_kit", text="Install Offline Kit…")
        layout.operator("text3d.repair")
        layout.operator("text3d.examine").is_full = False
        layout.operator("text3d.remove_environment")
        layout.separator()
        layout.operator("text3d.fetch_weights", text="Download Model").model = ""
        layout.operator("text3d.import_weights", text="Import Model Files…").model = ""
        layout.separator()
        layout.operator("text3d.add_asset_library", text="Add Asset Library…")
        layout.operator("text3d.test_connection", text="Test Connection to Remote Machine")
        layout.operator("text3d.open_preferences")


CLASSES = (
    TEXT3D_MT_text3d,
    TEXT3D_MT_generated_object,
    TEXT3D_MT_mesh,
    TEXT3D_MT_surface,
    TEXT3D_MT_results,
    TEXT3D_MT_jobs,
    TEXT3D_MT_setup,
)


def draw_object_operators(layout: Any) -> None:
    """Draw the operators on the active generated object; those that do not fit it are grayed out."""
    layout.operator("text3d.new_seed")
    layout.operator("text3d.vary", text="Vary…")
    layout.operator("text3d.blend", text="Blend…")
    layout.operator("text3d.edit_prompt", text="Edit Prompt…")
    layout.operator("text3d.make_again")
    layout.operator("text3d.decode_again", text="Refine…")
    layout.operator("text3d.use_settings")
    layout.separator()
    for name in VERSION_OPERATORS:
        layout.operator(f"text3d.{name}")
    layout.separator()
    for angle, label, _ in ANGLE_ITEMS:
        layout.operator("text3d.turn", text=f"Rotate {label}").angle = angle
    layout.menu("TEXT3D_MT_mesh")
    layout.menu("TEXT3D_MT_surface")
    layout.operator("text3d.keep_as_asset").library = "FILE"
    layout.operator("text3d.keep_as_asset", text="Keep as Asset in Library").library = "FOLDER"
    layout.operator("text3d.render_turntable", text="Render Turntable…")
    layout.operator("text3d.show_steps")
    layout.operator("text3d.bring_in_step", text="Bring In Step").step = 0
    layout.operator("text3d.steps_to_timeline", text="Steps to Timeline")
    layout.operator("text3d.points_to_mesh")
    layout.operator_menu_enum("text3d.export_asset", "preset", text="Export")
    layout.operator("text3d.show_colors")
    layout.operator("text3d.open_recording").job_id = ""


def draw_in_add_menu(menu: Any, context: bpy.types.Context) -> None:
    """Draw Add > Mesh > Text to 3D."""
    menu.layout.operator_context = "INVOKE_REGION_WIN"
    menu.layout.operator("text3d.add", text="Text to 3D", icon="SHADERFX")


def draw_in_object_menu(menu: Any, context: bpy.types.Context) -> None:
    """Draw Object > Text3D."""
    menu.layout.separator()
    menu.layout.menu("TEXT3D_MT_text3d")


def draw_in_context_menu(menu: Any, context: bpy.types.Context) -> None:
    """Draw the operators on a generated object in its context menu."""
    from ..scene.recipe import recipe_of

    if is_set_up() and recipe_of(context.view_layer.objects.active) is not None:
        menu.layout.separator()
        menu.layout.menu("TEXT3D_MT_generated_object")


def draw_in_export_menu(menu: Any, context: bpy.types.Context) -> None:
    """Draw File > Export > Text3D, and a warning where Blender's own exporters lose what is selected."""
    from .panels.export import shows_points

    menu.layout.operator_context = "INVOKE_REGION_WIN"
    menu.layout.operator_menu_enum("text3d.export_asset", "preset", text="Text3D", icon="SHADERFX")
    if shows_points(context.selected_objects):
        menu.layout.label(text="Only Text3D > Points exports point clouds", icon="ERROR")


ENTRIES = (
    ("TOPBAR_MT_file_export", draw_in_export_menu),
    ("VIEW3D_MT_mesh_add", draw_in_add_menu),
    ("VIEW3D_MT_object", draw_in_object_menu),
    ("VIEW3D_MT_object_context_menu", draw_in_context_menu),
)


def add() -> None:
    """Add the entries to Blender's menus."""
    for name, draw in ENTRIES:
        getattr(bpy.types, name).append(draw)


def remove() -> None:
    """Remove the entries."""
    for name, draw in ENTRIES:
        getattr(bpy.types, name).remove(draw)
