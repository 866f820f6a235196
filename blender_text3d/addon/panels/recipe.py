# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe of the active generated object, and what can be done with it."""

from typing import Any

import bpy

from ...protocol.job_folder import JobFolder
from ...system.untrusted_files import is_plain_name
from ..jobs import image_icons, solid_view
from ..operators.mesh import WATERTIGHT, mesh_report_lines
from ..operators.recipe import active_recipe
from ..operators.word_swap import prompt_to_swap
from ..settings.choices import choices
from ..settings.properties import model_label, quality_label
from ..state.word_swap import swappable_words
from .main import MODEL_INPUT, Text3DPanel, draw_image

MAX_LABEL_LENGTH = 400
MAX_SWAPPABLE_WORDS = 3
LINES = (
    ("Prompt", "prompt"),
    ("Seed", "seed"),
    ("Model", "model"),
    ("Quality", "quality"),
    ("Steps", "steps"),
    ("Guidance", "guidance"),
    ("Resolution", "grid"),
    ("Device", "device_name"),
)


class TEXT3D_PT_recipe(Text3DPanel, bpy.types.Panel):
    """Recipe, mesh report and actions of the active generated object."""

    bl_label = "Generated Object"
    bl_parent_id = "TEXT3D_PT_main"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return active_recipe(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        layout, recipe = self.layout, active_recipe(context)
        target = context.view_layer.objects.active
        column = layout.column(align=True)
        draw_lines(column, recipe)
        draw_swappable_words(layout, recipe)
        draw_mesh(column, target)
        draw_image(layout, icon_of_recipe(recipe), MODEL_INPUT)
        if target.text3d_point_radius:
            layout.prop(target, "text3d_point_radius")
        row = layout.row(align=True)
        row.operator("text3d.make_again", icon="FILE_REFRESH")
        row.operator("text3d.use_settings", text="Copy Settings", icon="COPYDOWN")
        row = layout.row(align=True)
        row.operator("text3d.decode_again", icon="MOD_REMESH")
        row.operator("text3d.turn", icon="LOOP_FORWARDS")
        layout.operator_menu_enum("text3d.bake_texture", "size", icon="TEXTURE")
        solid_view.draw_button(layout, context)


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


def draw_swappable_words(layout: bpy.types.UILayout, recipe: dict[str, Any]) -> None:
    """Draw a button for each word of the prompt that can be replaced by others of its kind."""
    words = swappable_words(prompt_to_swap(recipe))
    if not words:
        return
    row = layout.row(align=True)
    row.label(text="Swap Word")
    for use in words[:MAX_SWAPPABLE_WORDS]:
        row.operator("text3d.swap_word", text=use.text).word = use.text


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


CLASSES = (TEXT3D_PT_recipe,)
