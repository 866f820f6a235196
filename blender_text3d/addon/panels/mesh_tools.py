# SPDX-License-Identifier: GPL-3.0-or-later
"""Sub-panels of the selected objects' meshes: number of faces, and tools that change them."""

from typing import Any

import bpy

from ..settings import faces
from .sidebar import SidebarPanel


class MeshPanel(SidebarPanel):
    """Base of the panels: shown for a mesh with faces."""

    bl_label = "Mesh"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return super().poll(context) and has_faces(context)

    def draw(self: Any, context: bpy.types.Context) -> None:
        draw_mesh_tools(self.layout, context)


class TEXT3D_PT_mesh(MeshPanel, bpy.types.Panel):
    """Mesh of the active generated object and of the selected ones."""

    bl_idname = "TEXT3D_PT_mesh"
    bl_parent_id = "TEXT3D_PT_recipe"


class TEXT3D_PT_selected_mesh(MeshPanel, bpy.types.Panel):
    """Mesh of selected objects that were not generated."""

    bl_idname = "TEXT3D_PT_selected_mesh"
    bl_parent_id = "TEXT3D_PT_selected_object"


def has_faces(context: bpy.types.Context) -> bool:
    """True if the active object is a mesh with faces."""
    target = context.view_layer.objects.active
    return target is not None and target.type == "MESH" and len(target.data.polygons) > 0


def draw_mesh_tools(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the number of faces and the buttons."""
    from ...scene.decimate import decimate_modifier, triangle_count

    if context.mode != "OBJECT":
        layout.label(text="Requires Object Mode", icon="INFO")
        return
    target = context.view_layer.objects.active
    column = layout.column(align=True)
    row = column.row(align=True)
    row.prop(context.scene, faces.NAME)
    if decimate_modifier(target) is not None:
        apply = row.operator("text3d.set_faces", text="Apply")
        apply.by, apply.is_applied = "CURRENT", True
    column.prop(context.scene, faces.SHARE_NAME, text=f"of {triangle_count(target.data):,}", slider=True)
    buttons = layout.column(align=True)
    row = buttons.row(align=True)
    row.operator_menu_enum("text3d.remesh", "kind", text="Remesh", icon="MOD_REMESH")
    row.operator("text3d.smooth", icon="MOD_SMOOTH")
    row = buttons.row(align=True)
    row.operator("text3d.check_mesh", text="Check", icon="VIEWZOOM")
    row.operator("text3d.fix_mesh", text="Fix", icon="TOOL_SETTINGS")
    row.operator("text3d.make_lods", text="LODs", icon="MOD_DECIM")


CLASSES = (TEXT3D_PT_mesh, TEXT3D_PT_selected_mesh)
