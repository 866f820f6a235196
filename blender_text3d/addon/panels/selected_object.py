# SPDX-License-Identifier: GPL-3.0-or-later
"""Panel of the selected objects, of any origin: copy or vary them."""

import bpy

from ..jobs import encode_objects
from .sidebar import SidebarPanel


class TEXT3D_PT_selected_object(SidebarPanel, bpy.types.Panel):
    """Copy or vary the selected objects."""

    bl_label = "Selected Object"
    bl_idname = "TEXT3D_PT_selected_object"

    def draw(self, context: bpy.types.Context) -> None:
        row = self.layout.row(align=True)
        capturing = encode_objects.current()
        if capturing is not None:
            row.progress(factor=capturing.share, type="BAR", text=f"Reading {capturing.encoding.name}")
            row.operator("text3d.cancel_capture", text="", icon="CANCEL")
            return
        row.operator("text3d.encode_selected", text="Encode", icon="OUTLINER_DATA_MESH")
        row.operator("text3d.vary_object", text="Vary My Object…", icon="MOD_NOISE")


CLASSES = (TEXT3D_PT_selected_object,)
