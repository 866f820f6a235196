# SPDX-License-Identifier: GPL-3.0-or-later
"""Panel of a selected object that was not generated: copy or vary it."""

import bpy

from ..jobs import encode_objects
from ..jobs.replacement import active_generated
from .sidebar import SidebarPanel


class TEXT3D_PT_selected_object(SidebarPanel, bpy.types.Panel):
    """Copy or vary the selected objects, whose active one is the title; generated ones have a panel of their own."""

    bl_label = ""
    bl_idname = "TEXT3D_PT_selected_object"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        is_own = bool(context.selected_objects) and active_generated() is None
        return super().poll(context) and (is_own or encode_objects.current() is not None)

    def draw_header(self, context: bpy.types.Context) -> None:
        self.layout.label(text=title(context), icon="OBJECT_DATA")

    def draw(self, context: bpy.types.Context) -> None:
        row = self.layout.row(align=True)
        capturing = encode_objects.current()
        if capturing is not None:
            row.progress(factor=capturing.share, type="BAR", text=capturing.activity)
            row.operator("text3d.cancel_capture", text="", icon="CANCEL")
            return
        draw_buttons(row)


def title(context: bpy.types.Context) -> str:
    """Return the name of the selected object, or how many there are."""
    selected = context.selected_objects
    return selected[0].name if len(selected) == 1 else f"{len(selected)} Objects"


def draw_buttons(row: bpy.types.UILayout) -> None:
    """Draw the buttons that make something of the selected objects."""
    row.operator("text3d.encode_selected", text="Encode", icon="OUTLINER_DATA_MESH")
    row.operator("text3d.vary_object", text="Vary My Object…", icon="MOD_NOISE")


CLASSES = (TEXT3D_PT_selected_object,)
