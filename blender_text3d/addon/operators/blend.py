# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that generates objects between two generated ones."""

import bpy

from ..jobs.blend import blend
from ..state.blend import DECIMALS, even_shares
from .generate import can_start, start
from .poll import is_met

MAX_BLENDS = 20


class TEXT3D_OT_blend(bpy.types.Operator):
    """Generate objects between the active and the other selected object. Broken ones are left out, with a message"""

    bl_idname = "text3d.blend"
    bl_label = "Blend"

    count: bpy.props.IntProperty(
        name="Objects", description="Number of objects, evenly from the active one to the other. 1: at the share below",
        default=5, min=1, max=MAX_BLENDS, soft_max=9,
    )  # fmt: skip
    share: bpy.props.FloatProperty(
        name="Share", description="Share of the other object, if it is one object",
        default=0.5, min=0.0, max=1.0, subtype="FACTOR", precision=2,
    )  # fmt: skip

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        ends = objects_to_blend(context)
        return is_met(cls, len(ends) == 2, "Requires two selected generated objects, one of them active") and can_start(
            cls
        )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self, confirm_text="Blend")

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split, layout.use_property_decorate = True, False
        layout.label(text=f"From {context.view_layer.objects.active.name}")
        for other in objects_to_blend(context)[1:]:
            layout.label(text=f"to {other.name}")
        layout.prop(self, "count")
        share = layout.column()
        share.active = self.count == 1
        share.prop(self, "share")

    def execute(self, context: bpy.types.Context) -> set[str]:
        shares = even_shares(self.count) if self.count > 1 else [round(self.share, DECIMALS)]
        return start(self, blend, context.scene, *objects_to_blend(context), shares)


def objects_to_blend(context: bpy.types.Context) -> list[bpy.types.Object]:
    """Return the active object and the selected ones if all of them are generated and the active one is selected."""
    from ...scene.recipe import recipe_of

    active, selected = context.view_layer.objects.active, context.selected_objects
    targets = list(dict.fromkeys([active, *selected]))
    is_valid = active in selected and all(recipe_of(target) is not None for target in targets)
    return targets if is_valid else []


CLASSES = (TEXT3D_OT_blend,)
