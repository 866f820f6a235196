# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of Live: on and off, and keep the draft that is shown."""

import bpy

from ..jobs import live
from ..settings.choices import choices
from ..state.problem import worker_problem
from .generate import fail
from .poll import has_window, is_met


class TEXT3D_OT_live(bpy.types.Operator):
    """Generate a draft while you type, at a fixed seed. Each draft replaces the last one"""

    bl_idname = "text3d.live"
    bl_label = "Live Drafts"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_window(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        if live.live is not None:
            live.turn_off()
        elif problem := worker_problem(choices()):
            return fail(self, problem)
        else:
            live.turn_on(context.scene)
        return {"FINISHED"}


class TEXT3D_OT_keep_live(bpy.types.Operator):
    """Keep the draft as an object; the next one appears beside it"""

    bl_idname = "text3d.keep_live"
    bl_label = "Keep Draft"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, live.live is not None and live.live.shown is not None, "No draft is shown")

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            return {"FINISHED"} if live.keep(context.scene) else {"CANCELLED"}
        except OSError as error:
            self.report({"ERROR"}, f"The draft cannot be kept ({error.strerror}). Generate it instead.")
            return {"CANCELLED"}


CLASSES = (TEXT3D_OT_live, TEXT3D_OT_keep_live)
