# SPDX-License-Identifier: GPL-3.0-or-later
"""Panel of the active generated object: what can be done with it, and its recipe."""

from typing import Any

import bpy

from ...protocol.job_folder import JobFolder
from ...protocol.job_recipe import is_copy
from ...system.untrusted_files import is_plain_name
from ..jobs import image_icons, solid_view
from ..jobs.replacement import active_generated
from ..operators.mesh import WATERTIGHT, mesh_report_lines
from ..operators.recipe import active_recipe
from ..operators.rotate import objects_to_rotate
from ..operators.versions import active_versions
from ..operators.word_swap import model_of, prompt_to_swap
from ..settings.choices import choices
from ..settings.properties import model_label, quality_label
from ..state.word_swap import swappable_words
from . import prompt_words, versions
from .images import MODEL_INPUT, draw_image
from .selected_object import draw_buttons
from .sidebar import SidebarPanel
from .text_wrap import rows_that_fit

MAX_LABEL_LENGTH = 400
MAX_SWAPPABLE_WORDS = 3
SWAP_LABEL_SHARE = 0.29
ICONS = {"MESH": "OUTLINER_OB_MESH", "POINTCLOUD": "OUTLINER_OB_POINTCLOUD"}
LINES = (
    ("Prompt", "prompt"),
    ("Blended", "blend_prompt"),
    ("Seed", "seed"),
    ("Model", "model"),
    ("Quality", "quality"),
    ("Steps", "steps"),
    ("Guidance", "guidance"),
    ("Resolution", "grid"),
    ("Device", "device_name"),
)


class TEXT3D_PT_recipe(SidebarPanel, bpy.types.Panel):
    """Actions on the active generated object, whose name is the title; they act on no other object."""

    bl_label = ""
    bl_idname = "TEXT3D_PT_recipe"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return super().poll(context) and active_generated() is not None

    def draw_header(self, context: bpy.types.Context) -> None:
        target = context.view_layer.objects.active
        self.layout.label(text=target.name, icon=ICONS.get(target.type, "OBJECT_DATA"))

    def draw(self, context: bpy.types.Context) -> None:
        layout, target = self.layout, context.view_layer.objects.active
        versions.draw_flip(layout.row(align=True), *active_versions(context))
        recipe = active_recipe(context)
        if recipe is None or is_copy(recipe):
            layout.label(text="A copy by the model" if recipe else "The original, not generated", icon="INFO")
            draw_buttons(layout.row(align=True))
        if recipe is None:
            return
        buttons = layout.column(align=True)
        if not is_copy(recipe):
            versions.draw_new_version(buttons)
        draw_tools(buttons, context)
        draw_swappable_words(layout, recipe, context)
        if target.text3d_point_radius:
            layout.prop(target, "text3d_point_radius")
        solid_view.draw_button(layout, context)


class TEXT3D_PT_details(SidebarPanel, bpy.types.Panel):
    """Recipe and mesh report of the active generated object."""

    bl_label = "Details"
    bl_parent_id = "TEXT3D_PT_recipe"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return super().poll(context) and active_recipe(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        layout, recipe = self.layout, active_recipe(context)
        layout.operator("text3d.use_settings", icon="COPYDOWN")
        layout.operator("text3d.open_recording", icon="PLAY").job_id = ""
        column = layout.column(align=True)
        draw_lines(column, recipe)
        draw_mesh(column, context.view_layer.objects.active)
        draw_image(layout, icon_of_recipe(recipe), MODEL_INPUT)


def draw_tools(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the tools that keep the version; Rotate says how many objects it rotates if several are selected."""
    count = len(objects_to_rotate(context))
    text = f"Rotate {count}" if count > 1 else "Rotate"
    column.operator_menu_enum("text3d.turn", "angle", text=text, icon="DRIVER_ROTATIONAL_DIFFERENCE")


def icon_of_recipe(recipe: dict[str, Any]) -> int:
    """Return the icon of the image as the model saw it, or 0 without an image or job folder."""
    job_id = recipe.get("job_id")
    if not recipe.get("image") or not is_plain_name(job_id):
        return 0
    return image_icons.job_icon(JobFolder(choices().jobs_dir / str(job_id)))


def draw_lines(column: bpy.types.UILayout, recipe: dict[str, Any]) -> None:
    """Draw one line per value of the recipe."""
    for label, key in LINES:
        if recipe.get(key) not in (None, ""):
            draw_line(column, label, recipe_text(recipe, key)[:MAX_LABEL_LENGTH])


def draw_swappable_words(layout: bpy.types.UILayout, recipe: dict[str, Any], context: bpy.types.Context) -> None:
    """Draw a button for each word of the prompt that can be replaced by others of its kind."""
    prompt = prompt_to_swap(recipe) if prompt_words.has_tables() else ""
    words = [use.text for use in swappable_words(prompt, model_of(recipe))[:MAX_SWAPPABLE_WORDS]] if prompt else []
    if not words:
        return
    split = layout.split(factor=SWAP_LABEL_SHARE)
    split.label(text="Swap Word")
    column = split.column(align=True)
    for texts in rows_that_fit(words, context, share=1 - SWAP_LABEL_SHARE):
        row = column.row(align=True)
        for text in texts:
            row.operator("text3d.swap_word", text=text).word = text


def recipe_text(recipe: dict[str, Any], key: str) -> str:
    """Return a value of the recipe as the panel shows it; a name that is unknown here stays as it is."""
    text = str(recipe[key])
    return {"model": model_label, "quality": quality_label}.get(key, str)(text)


def draw_line(column: bpy.types.UILayout, label: str, value: str) -> bpy.types.UILayout:
    """Draw a label and a value; return the row of the value."""
    split = column.split(factor=0.32)
    split.label(text=label)
    row = split.row(align=True)
    row.label(text=value)
    return row


def draw_mesh(column: bpy.types.UILayout, target: bpy.types.Object) -> None:
    """Draw faces, loose parts and watertightness, with the button that counts them again."""
    for label, value in mesh_report_lines(target):
        row = draw_line(column, label, value)
        if label == WATERTIGHT:
            row.operator("text3d.check_mesh", text="", icon="FILE_REFRESH")


CLASSES = (TEXT3D_PT_recipe, TEXT3D_PT_details)
