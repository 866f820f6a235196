# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of the remote machine: test the connection, and cancel the test."""

import bpy

from ...protocol.failures import Reason
from ..background.connection_task import connection_task
from ..settings.choices import choices
from ..state.problem import Problem, remote_problem
from .background_process import StopOperator
from .generate import fail
from .poll import is_met


class TEXT3D_OT_test_connection(bpy.types.Operator):
    """Connect to the remote machine and report what works or what is missing"""

    bl_idname = "text3d.test_connection"
    bl_label = "Test Connection"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, bool(choices().remote_host), "No host is set in the preferences") and is_met(
            cls, not connection_task.is_running(), "The connection is being tested"
        )

    def execute(self, context: bpy.types.Context) -> set[str]:
        if problem := remote_problem(choices()):
            return fail(self, problem)
        try:
            connection_task.start(choices())
        except OSError as error:
            return fail(self, Problem(f"The test could not be started: {error}.", reason=Reason.OWN_ERROR))
        if bpy.app.background:
            connection_task.wait()
            self.report({"INFO" if connection_task.is_good else "WARNING"}, connection_task.text)
        return {"FINISHED"}


class TEXT3D_OT_stop_testing_connection(StopOperator, bpy.types.Operator):
    """Cancel the test of the connection"""

    bl_idname = "text3d.stop_testing_connection"
    task = connection_task


CLASSES = (TEXT3D_OT_test_connection, TEXT3D_OT_stop_testing_connection)
