# SPDX-License-Identifier: GPL-3.0-or-later
"""What the active object remembers, and the size of a cloud's points."""

from typing import Any

import bpy

from ...protocol.job_folder import JobFolder
from ...system.untrusted_files import is_plain_name
from ..jobs import image_icons, solid_view
from ..operators.mesh import lines_of_mesh
from ..operators.recipe import active_recipe
from ..settings.choices import choices
from .main import SEEN, Text3DPanel, draw_picture

MAX_LABEL_LENGTH = 400
LINES = (
    ("Prompt", "prompt"),
    ("Seed", "seed"),
    ("Model", "model"),
    ("Quality", "quality"),
    ("Steps", "steps"),
    ("Guidance", "guidance"),
    ("Grid", "grid"),
    ("Made on", "device_name"),
)


class TEXT3D_PT_recipe(Text3DPanel, bpy.types.Panel):
    """How the active object was made."""

    bl_label = "Active Object"
    bl_parent_id = "TEXT3D_PT_main"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return active_recipe(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        layout, recipe = self.layout, active_recipe(context)
        target = context.view_layer.objects.active
        column = layout.column(align=True)
        draw_lines(column, recipe)
        draw_mesh(column, target)
        draw_picture(layout, icon_of_recipe(recipe), SEEN)
        if target.text3d_point_radius:
            layout.prop(target, "text3d_point_radius")
        row = layout.row(align=True)
        row.operator("text3d.make_again", icon="FILE_REFRESH")
        row.operator("text3d.use_settings", text="Use Settings", icon="COPYDOWN")
        row = layout.row(align=True)
        row.operator("text3d.decode_again", icon="MOD_REMESH")
        row.operator("text3d.turn", icon="LOOP_FORWARDS")
        layout.operator_menu_enum("text3d.bake_texture", "size", icon="TEXTURE")
        solid_view.draw_button(layout, context)


def icon_of_recipe(recipe: dict[str, Any]) -> int:
    """What the model saw of the object's picture, while its job folder is there; 0 where it was made of words."""
    job_id = recipe.get("job_id")
    if not recipe.get("image") or not is_plain_name(job_id):
        return 0
    return image_icons.icon_of_job(JobFolder(choices().jobs_dir / job_id))


def draw_lines(column: bpy.types.UILayout, recipe: dict[str, Any]) -> None:
    """The recipe, a line for each thing."""
    for label, key in LINES:
        if recipe.get(key) not in (None, ""):
            draw_line(column, label, str(recipe[key])[:MAX_LABEL_LENGTH])


def draw_line(column: bpy.types.UILayout, label: str, words: str) -> bpy.types.UILayout:
    """One line; gives the row that the words stand in."""
    split = column.split(factor=0.32)
    split.label(text=label)
    row = split.row(align=True)
    row.label(text=words)
    return row


def draw_mesh(column: bpy.types.UILayout, target: bpy.types.Object) -> None:
    """Faces, parts, whether it is closed, and the button that counts anew."""
    for label, words in lines_of_mesh(target):
        row = draw_line(column, label, words)
        if label == "Closed":
            row.operator("text3d.check_mesh", text="", icon="FILE_REFRESH")


CLASSES = (TEXT3D_PT_recipe,)
