# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of the doctor: run, cancel, copy the report, clear the findings."""

import bpy

from ...doctor.finding import BAD
from ...protocol.failures import Reason
from ..background.doctor_task import doctor_task
from ..settings.choices import choices
from ..state.problem import Problem
from .background_process import StopOperator
from .generate import fail


class TEXT3D_OT_examine(bpy.types.Operator):
    """Check everything that Text3D needs, and suggest fixes. Nothing is changed"""

    bl_idname = "text3d.examine"
    bl_label = "Run Diagnostics"

    is_full: bpy.props.BoolProperty(
        name="Full", description="Also generate a small object and verify all model files",
        options={"SKIP_SAVE"},
    )  # fmt: skip

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return not doctor_task.is_running()

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            doctor_task.start(choices(), is_full=self.is_full)
        except OSError as error:
            return fail(self, Problem(f"The diagnostics could not be started: {error}.", reason=Reason.OWN_ERROR))
        return self.wait() if bpy.app.background else {"FINISHED"}

    def wait(self) -> set[str]:
        """Run all checks in a Blender without a window, and report each failed one."""
        doctor_task.wait()
        for finding in doctor_task.findings:
            if finding.state == BAD:
                self.report({"WARNING"}, finding.line())
        return {"FINISHED"}


class TEXT3D_OT_stop_examining(StopOperator, bpy.types.Operator):
    """Cancel the diagnostics. Results so far are kept"""

    bl_idname = "text3d.stop_examining"
    task = doctor_task


class TEXT3D_OT_copy_report(bpy.types.Operator):
    """Copy the results to paste them into a bug report. Your names, folders and prompts are left out"""

    bl_idname = "text3d.copy_report"
    bl_label = "Copy Report"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(doctor_task.report)

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.clipboard = doctor_task.report
        self.report({"INFO"}, "Report copied to the clipboard")
        return {"FINISHED"}


class TEXT3D_OT_forget_findings(bpy.types.Operator):
    """Clear the results of the diagnostics"""

    bl_idname = "text3d.forget_findings"
    bl_label = "Clear"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        doctor_task.detach()
        return {"FINISHED"}


CLASSES = (TEXT3D_OT_examine, TEXT3D_OT_stop_examining, TEXT3D_OT_copy_report, TEXT3D_OT_forget_findings)
