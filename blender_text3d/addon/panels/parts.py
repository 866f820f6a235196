# SPDX-License-Identifier: GPL-3.0-or-later
"""Sub-panels that separate the selected objects into parts, and join them."""

from typing import Any

import bpy

from .mesh_tools import has_faces
from .sidebar import SidebarPanel


class PartsPanel(SidebarPanel):
    """Base of the panels: shown for a mesh with faces."""

    bl_label = "Parts"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return super().poll(context) and has_faces(context)

    def draw(self: Any, context: bpy.types.Context) -> None:
        draw_parts(self.layout)


class TEXT3D_PT_parts(PartsPanel, bpy.types.Panel):
    """Parts of the active generated object and of the selected ones."""

    bl_idname = "TEXT3D_PT_parts"
    bl_parent_id = "TEXT3D_PT_recipe"


class TEXT3D_PT_selected_parts(PartsPanel, bpy.types.Panel):
    """Parts of selected objects that were not generated."""

    bl_idname = "TEXT3D_PT_selected_parts"
    bl_parent_id = "TEXT3D_PT_selected_object"


def draw_parts(layout: bpy.types.UILayout) -> None:
    """Draw the buttons."""
    column = layout.column(align=True)
    for by, text, icon in (("COLOR", "Separate by Color", "COLOR"), ("LOOSE", "Separate Loose Parts", "MOD_EXPLODE")):
        button = column.operator("text3d.separate_parts", text=text, icon=icon)
        button.by, button.into = by, "OBJECTS"
    groups = column.operator("text3d.separate_parts", text="Color to Vertex Groups", icon="GROUP_VERTEX")
    groups.by, groups.into = "COLOR", "VERTEX_GROUPS"
    layout.operator("text3d.join_parts", icon="AUTOMERGE_ON")


CLASSES = (TEXT3D_PT_parts, TEXT3D_PT_selected_parts)
