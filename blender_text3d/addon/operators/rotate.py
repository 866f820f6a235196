# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that rotates generated objects which face the wrong way."""

import bpy

from .poll import is_in_object_mode
from .recipe import has_active_recipe

ANGLE_ITEMS = (
    ("-90", "-90°", "Clockwise, seen from above"),
    ("90", "90°", "Counterclockwise, seen from above"),
    ("180", "180°", "Half a turn"),
)


class TEXT3D_OT_turn(bpy.types.Operator):
    """Rotate the active and the selected generated objects around Z. Regenerate keeps the rotation"""

    bl_idname = "text3d.turn"
    bl_label = "Rotate Generated Object"
    bl_options = {"REGISTER", "UNDO"}

    angle: bpy.props.EnumProperty(name="Angle", description="Angle around Z", items=ANGLE_ITEMS, default="90")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_in_object_mode(cls, context) and has_active_recipe(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.rotate import rotate_objects

        rotated, errors = rotate_objects(objects_to_rotate(context), int(self.angle))
        for message in errors:
            self.report({"WARNING"} if rotated else {"ERROR"}, message)
        return {"FINISHED"} if rotated else {"CANCELLED"}


def objects_to_rotate(context: bpy.types.Context) -> list[bpy.types.Object]:
    """Return the active object and the selected ones, as far as they are generated."""
    from ...scene.recipe import recipe_of

    targets = dict.fromkeys([context.view_layer.objects.active, *context.selected_objects])
    return [target for target in targets if recipe_of(target) is not None]


CLASSES = (TEXT3D_OT_turn,)
