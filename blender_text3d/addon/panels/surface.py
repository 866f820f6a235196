# SPDX-License-Identifier: GPL-3.0-or-later
"""Sub-panels of the selected objects' surfaces: textures and materials."""

from typing import Any

import bpy

from .mesh_tools import has_faces
from .sidebar import SidebarPanel


class SurfacePanel(SidebarPanel):
    """Base of the panels: shown for a mesh with faces."""

    bl_label = "Surface"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return super().poll(context) and has_faces(context)

    def draw(self: Any, context: bpy.types.Context) -> None:
        draw_surface(self.layout, context)


class TEXT3D_PT_surface(SurfacePanel, bpy.types.Panel):
    """Surface of the active generated object and of the selected ones."""

    bl_idname = "TEXT3D_PT_surface"
    bl_parent_id = "TEXT3D_PT_recipe"


class TEXT3D_PT_selected_surface(SurfacePanel, bpy.types.Panel):
    """Surface of selected objects that were not generated."""

    bl_idname = "TEXT3D_PT_selected_surface"
    bl_parent_id = "TEXT3D_PT_selected_object"


def draw_surface(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the buttons."""
    layout.operator_menu_enum("text3d.bake_texture", "size", text="Bake", icon="TEXTURE")
    column = layout.column(align=True)
    column.operator("text3d.set_material", text="Apply Material Words", icon="MATERIAL").action = "WORDS"
    row = column.row(align=True)
    row.operator("text3d.set_material", text="Single User").action = "SINGLE"
    row.operator("text3d.set_material", text="Share").action = "SHARE"


CLASSES = (TEXT3D_PT_surface, TEXT3D_PT_selected_surface)
