# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that turns finished objects which face the wrong way."""

import bpy

from .recipe import active_recipe


class TEXT3D_OT_turn(bpy.types.Operator):
    """Turn the selected objects of ours by 90° about their own vertical. Make Again remembers it"""

    bl_idname = "text3d.turn"
    bl_label = "Turn 90°"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set("Objects are turned in Object Mode")
            return False
        return active_recipe(context) is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.rotate import turn_objects

        turned, refused = turn_objects(dict.fromkeys([context.view_layer.objects.active, *context.selected_objects]))
        for sentence in refused:
            self.report({"WARNING"} if turned else {"ERROR"}, sentence)
        return {"FINISHED"} if turned else {"CANCELLED"}


CLASSES = (TEXT3D_OT_turn,)
