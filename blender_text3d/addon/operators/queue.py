# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on the queue: pause, order, retry, and resuming jobs of an earlier session. Undo leaves the queue alone."""

from collections.abc import Callable

import bpy

from ...protocol.job_folder import JobFolder
from .. import redraw
from ..jobs import queue_list, queue_order
from ..jobs.resume import resume_unclaimed
from ..jobs.retry import retry
from ..state.session_state import state
from .generate import WorkerOperator, can_start, fail, start, wait
from .poll import is_met

DIRECTION_ITEMS = (
    (queue_order.UP, "Up", "Before the job above", 0),
    (queue_order.DOWN, "Down", "After the job below", 1),
    (queue_order.TOP, "To Top", "Before all waiting jobs", 2),
    (queue_order.BOTTOM, "To Bottom", "After all waiting jobs", 3),
)


class TEXT3D_OT_queue_pause(bpy.types.Operator):
    """Start no more jobs until the queue is resumed. The running job continues"""

    bl_idname = "text3d.queue_pause"
    bl_label = "Pause Queue"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, not state.is_paused, "The queue is already paused")

    def execute(self, context: bpy.types.Context) -> set[str]:
        queue_order.set_paused(is_paused=True)
        redraw.panels()
        return {"FINISHED"}


class TEXT3D_OT_queue_resume(bpy.types.Operator):
    """Continue with the waiting jobs of the paused queue"""

    bl_idname = "text3d.queue_resume"
    bl_label = "Resume Queue"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, state.is_paused, "The queue is not paused")

    def execute(self, context: bpy.types.Context) -> set[str]:
        state.problem = None
        queue_order.set_paused(is_paused=False)
        redraw.panels()
        return wait(self, list(state.jobs.values())) if bpy.app.background else {"FINISHED"}


class TEXT3D_OT_queue_move(bpy.types.Operator):
    """Move a waiting job in the queue"""

    bl_idname = "text3d.queue_move"
    bl_label = "Move Job"

    job_id: bpy.props.StringProperty(name="Job", description="Name of the job folder", options={"SKIP_SAVE"})
    direction: bpy.props.EnumProperty(name="Direction", description="Where to move the job", items=DIRECTION_ITEMS)

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        directions = {name: label.lower() for name, label, *_ in DIRECTION_ITEMS}
        return f"Move the waiting job {directions[properties.direction]} in the queue"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, len(queue_order.movable_jobs()) > 1, "Fewer than two jobs are waiting")

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not queue_order.move(self.job_id, self.direction):
            self.report({"WARNING"}, f"Job {self.job_id} cannot be moved there. Choose another waiting job.")
            return {"CANCELLED"}
        queue_list.refresh()
        redraw.panels()
        return {"FINISHED"}


class TEXT3D_OT_resume_jobs(WorkerOperator, bpy.types.Operator):
    """Generate the objects that an earlier session queued but did not start"""

    bl_idname = "text3d.resume_jobs"
    bl_label = "Resume"

    def execute(self, context: bpy.types.Context) -> set[str]:
        state.problem = None
        jobs = resume_unclaimed(context.scene)
        if state.problem and not jobs:
            return fail(self, state.problem)
        if state.problem:
            self.report({"WARNING"}, str(state.problem))
        if state.is_paused:
            self.report({"INFO"}, "The queue is paused")
        return wait(self, jobs) if bpy.app.background else {"FINISHED"}


def ended_job(job_id: str) -> JobFolder | None:
    """Return the failed or canceled job of this ID, the newest one for "", or None."""
    job = state.ended.get(job_id) if job_id else next(reversed(state.ended.values()), None)
    return job.folder if job else None


class EndedJobsOperator:
    """An operator on failed and canceled jobs of this session."""

    poll_message_set: Callable[[str], None]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, state.ended, "No failed or canceled jobs")


class TEXT3D_OT_retry_job(EndedJobsOperator, bpy.types.Operator):
    """Generate the failed or canceled object again, with the same settings and seed"""

    bl_idname = "text3d.retry_job"
    bl_label = "Retry Job"

    job_id: bpy.props.StringProperty(
        name="Job", description="Name of the job folder. Empty: the last failed or canceled job", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return super().poll(context) and can_start(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        folder = ended_job(self.job_id)
        if folder is None:
            self.report({"WARNING"}, f"{self.job_id} is not a failed or canceled job of this session.")
            return {"CANCELLED"}
        return start(self, retry, folder, context.scene, "same")


class TEXT3D_OT_remove_job(EndedJobsOperator, bpy.types.Operator):
    """Remove failed and canceled jobs from the list. Their files are kept"""

    bl_idname = "text3d.remove_job"
    bl_label = "Remove from Queue"

    job_id: bpy.props.StringProperty(
        name="Job", description="Name of the job folder. Empty: all failed and canceled jobs", options={"SKIP_SAVE"}
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        for job_id in [job_id for job_id in state.ended if self.job_id in ("", job_id)]:
            state.remove_ended(job_id)
        queue_list.refresh()
        redraw.panels()
        return {"FINISHED"}


CLASSES = (
    TEXT3D_OT_queue_pause,
    TEXT3D_OT_queue_resume,
    TEXT3D_OT_queue_move,
    TEXT3D_OT_resume_jobs,
    TEXT3D_OT_retry_job,
    TEXT3D_OT_remove_job,
)
