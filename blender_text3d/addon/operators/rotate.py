# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that rotates generated objects which face the wrong way."""

import bpy

from .recipe import active_recipe


class TEXT3D_OT_turn(bpy.types.Operator):
    """Rotate selected generated objects by 90° around Z. Regenerate keeps the rotation"""

    bl_idname = "text3d.turn"
    bl_label = "Rotate 90°"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set("Requires Object Mode")
            return False
        return active_recipe(context) is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.rotate import rotate_objects

        rotated, errors = rotate_objects(dict.fromkeys([context.view_layer.objects.active, *context.selected_objects]))
        for message in errors:
            self.report({"WARNING"} if rotated else {"ERROR"}, message)
        return {"FINISHED"} if rotated else {"CANCELLED"}


CLASSES = (TEXT3D_OT_turn,)
