# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators around Generate: begin, stop, roll a seed."""

import random

import bpy

from ...protocol.request import SEEDS
from .. import redraw
from ..jobs import poll_timer, submit
from ..state.problem import Problem, SubmitError
from ..state.session_state import ActiveJob, state


def start(operator: bpy.types.Operator, submit_jobs) -> set[str]:
    """Submit, and where there is no window wait for the objects; every error in one sentence."""
    state.trouble = None
    try:
        jobs = submit_jobs()
    except SubmitError as refusal:
        return fail(operator, refusal.trouble)
    if not bpy.app.background:
        return {"FINISHED"}
    return wait(operator, jobs)


def wait(operator: bpy.types.Operator, jobs: list[ActiveJob]) -> set[str]:
    """Until the jobs have ended; the last one that failed is told."""
    poll_timer.run_until_done(jobs)
    for notice in state.notices:
        operator.report({"WARNING"}, notice)
    return fail(operator, state.trouble) if state.trouble else {"FINISHED"}


def fail(operator: bpy.types.Operator, trouble: Problem) -> set[str]:
    """Tell the user, here and in the panel."""
    state.trouble = trouble
    redraw.panels()
    operator.report({"ERROR"}, str(trouble))
    return {"CANCELLED"}


class TEXT3D_OT_generate(bpy.types.Operator):
    """Make what the prompt says, at the 3D cursor"""

    bl_idname = "text3d.generate"
    bl_label = "Generate"

    def execute(self, context: bpy.types.Context) -> set[str]:
        return start(self, lambda: submit.generate(context.scene))


class TEXT3D_OT_compare(bpy.types.Operator):
    """Make what the prompt says once by Point-E and once by Shap-E, side by side"""

    bl_idname = "text3d.compare"
    bl_label = "Compare Both Models"

    def execute(self, context: bpy.types.Context) -> set[str]:
        return start(self, lambda: submit.compare(context.scene))


class TEXT3D_OT_cancel(bpy.types.Operator):
    """Stop every object that is being made"""

    bl_idname = "text3d.cancel"
    bl_label = "Cancel"

    job_id: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return any(not job.is_cancel_asked for job in state.running)

    def execute(self, context: bpy.types.Context) -> set[str]:
        for job in reversed(state.running):
            if self.job_id in ("", job.folder.job_id):
                job.is_cancel_asked = True
                state.session.cancel(job.folder)
        redraw.panels()
        return {"FINISHED"}


class TEXT3D_OT_roll_seed(bpy.types.Operator):
    """Take another seed and keep it"""

    bl_idname = "text3d.roll_seed"
    bl_label = "Roll Seed"
    bl_options = {"INTERNAL", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.text3d
        settings.seed = random.randrange(SEEDS)
        settings.has_random_seed = False
        return {"FINISHED"}


CLASSES = (TEXT3D_OT_generate, TEXT3D_OT_compare, TEXT3D_OT_cancel, TEXT3D_OT_roll_seed)
