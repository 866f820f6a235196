# SPDX-License-Identifier: GPL-3.0-or-later
"""Sub-panel of the generated object: how it formed, step by step."""

import bpy

from ..operators.steps import HIDE
from .sidebar import SidebarPanel


class TEXT3D_PT_steps(SidebarPanel, bpy.types.Panel):
    """Steps of the active generated object."""

    bl_label = "Steps"
    bl_parent_id = "TEXT3D_PT_recipe"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        from ...scene.steps import step_count, step_property, steps_modifier

        layout, target = self.layout, context.view_layer.objects.active
        modifier = steps_modifier(target)
        if modifier is None:
            layout.operator("text3d.show_steps", icon="PREVIEW_RANGE")
            return
        row = layout.row(align=True)
        row.prop(*step_property(modifier), text=f"Step of {step_count(target)}", slider=True)
        row.operator("text3d.show_steps", text="", icon="X").action = HIDE
        row = layout.row(align=True)
        row.operator("text3d.bring_in_step", icon="IMPORT")
        row.operator("text3d.steps_to_timeline", icon="KEYFRAME")


CLASSES = (TEXT3D_PT_steps,)
