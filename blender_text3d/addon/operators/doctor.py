# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators around the doctor: look, stop, copy the report, put it away."""

import time

import bpy

from ...doctor.finding import BAD
from ..background import doctor_task
from ..settings.choices import choices
from ..state.problem import Problem
from .generate import fail


class TEXT3D_OT_examine(bpy.types.Operator):
    """Look at everything that an object needs, and say what is wrong and what to do; changes nothing"""

    bl_idname = "text3d.examine"
    bl_label = "Doctor"

    is_full: bpy.props.BoolProperty(
        name="Make a Small Object", description="Also try the worker, and read all files of weights",
        options={"SKIP_SAVE"},
    )  # fmt: skip

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return not doctor_task.is_running()

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            doctor_task.start(choices(), is_full=self.is_full)
        except OSError as error:
            return fail(self, Problem(f"The doctor could not be started: {error}.", reason="own_error"))
        return self.wait() if bpy.app.background else {"FINISHED"}

    def wait(self) -> set[str]:
        """Until everything was looked at, where there is no window; each thing to be mended is told."""
        while doctor_task.poll() is not None:
            time.sleep(doctor_task.INTERVAL_S / 3)
        for finding in doctor_task.findings:
            if finding.state == BAD:
                self.report({"WARNING"}, finding.line())
        return {"FINISHED"}


class TEXT3D_OT_stop_examining(bpy.types.Operator):
    """Stop looking; what was found stays"""

    bl_idname = "text3d.stop_examining"
    bl_label = "Stop"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return doctor_task.is_running()

    def execute(self, context: bpy.types.Context) -> set[str]:
        doctor_task.stop()
        return {"FINISHED"}


class TEXT3D_OT_copy_report(bpy.types.Operator):
    """Copy what was found, without names, folders and prompts of yours, to paste it into an issue"""

    bl_idname = "text3d.copy_report"
    bl_label = "Copy Report"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(doctor_task.report)

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.clipboard = doctor_task.report
        self.report({"INFO"}, "The report is on the clipboard.")
        return {"FINISHED"}


class TEXT3D_OT_forget_findings(bpy.types.Operator):
    """Put the doctor's list away"""

    bl_idname = "text3d.forget_findings"
    bl_label = "Clear"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        doctor_task.detach()
        return {"FINISHED"}


CLASSES = (TEXT3D_OT_examine, TEXT3D_OT_stop_examining, TEXT3D_OT_copy_report, TEXT3D_OT_forget_findings)
