# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators around Generate: generate, cancel, new seed."""

import random
from collections.abc import Callable
from typing import Any

import bpy

from ...protocol.request import MAX_RESULTS, SEEDS
from .. import redraw
from ..jobs import poll_timer, submit
from ..settings.choices import choices
from ..state.active_job import ActiveJob
from ..state.problem import Problem, SubmitError, worker_problem
from ..state.session_state import state
from .poll import is_met


def start(operator: bpy.types.Operator, submit_jobs: Callable[..., list[ActiveJob]], *arguments: Any) -> set[str]:
    """Submit jobs, wait for their objects if there is no window, and report a problem."""
    state.problem = None
    try:
        jobs = submit_jobs(*arguments)
    except SubmitError as error:
        return fail(operator, error.problem)
    if jobs and jobs[0].placed_next_to:
        operator.report({"INFO"}, f'Placed next to "{jobs[0].placed_next_to}", which would hide it at the 3D cursor')
    if not bpy.app.background:
        return {"FINISHED"}
    return wait(operator, jobs)


def wait(operator: bpy.types.Operator, jobs: list[ActiveJob]) -> set[str]:
    """Wait until the jobs have ended, and report the last failure."""
    poll_timer.run_until_done(jobs)
    for notice in state.notices:
        operator.report({"WARNING"}, notice)
    return fail(operator, state.problem) if state.problem else {"FINISHED"}


def fail(operator: bpy.types.Operator, problem: Problem) -> set[str]:
    """Show a problem in the panel and as the operator's error."""
    state.problem = problem
    redraw.panels()
    operator.report({"ERROR"}, str(problem))
    return {"CANCELLED"}


def can_start(operator: Any) -> bool:
    """Return True if the worker can start, else set the poll message."""
    problem = worker_problem(choices())
    return is_met(operator, problem is None, problem.message if problem else "")


class WorkerOperator:
    """An operator that needs the worker and nothing else."""

    poll_message_set: Callable[[str], None]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_start(cls)


class TEXT3D_OT_generate(WorkerOperator, bpy.types.Operator):
    """Generate an object from the prompt at the 3D cursor"""

    bl_idname = "text3d.generate"
    bl_label = "Generate"

    count: bpy.props.IntProperty(
        name="Variations", description="Number of objects to generate. 0: as many as the panel says",
        default=0, min=0, max=MAX_RESULTS, options={"SKIP_SAVE"},
    )  # fmt: skip

    def execute(self, context: bpy.types.Context) -> set[str]:
        return start(self, submit.generate, context.scene, self.count)


class TEXT3D_OT_compare(WorkerOperator, bpy.types.Operator):
    """Generate one object with Point-E and one with Shap-E, side by side, with the steps of the Quality preset"""

    bl_idname = "text3d.compare"
    bl_label = "Generate with Both Models"

    def execute(self, context: bpy.types.Context) -> set[str]:
        return start(self, submit.compare, context.scene)


class TEXT3D_OT_cancel(bpy.types.Operator):
    """Cancel all jobs, the running and the waiting ones"""

    bl_idname = "text3d.cancel"
    bl_label = "Cancel All Jobs"

    job_id: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        return "Cancel this job" if properties.job_id else cls.__doc__

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_cancel(cls, state.running, "No jobs")

    def execute(self, context: bpy.types.Context) -> set[str]:
        return cancel([job for job in state.running if self.job_id in ("", job.folder.job_id)])


class TEXT3D_OT_cancel_running(bpy.types.Operator):
    """Cancel the running job. The next one in the queue starts"""

    bl_idname = "text3d.cancel_running"
    bl_label = "Cancel Running Job"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_cancel(cls, started_jobs(), "No job is running")

    def execute(self, context: bpy.types.Context) -> set[str]:
        return cancel(started_jobs())


class TEXT3D_OT_cancel_waiting(bpy.types.Operator):
    """Cancel the jobs that wait in the queue. The running one continues"""

    bl_idname = "text3d.cancel_waiting"
    bl_label = "Cancel Waiting Jobs"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_cancel(cls, waiting_jobs(), "No jobs are waiting")

    def execute(self, context: bpy.types.Context) -> set[str]:
        return cancel(waiting_jobs())


def started_jobs() -> list[ActiveJob]:
    """Return the jobs that a worker runs, several in a batch; before it starts one, the first in the queue."""
    return [job for job in state.running if job.status == "running"] or state.running[:1]


def waiting_jobs() -> list[ActiveJob]:
    """Return the jobs after those of `started_jobs`."""
    started = started_jobs()
    return [job for job in state.running if job not in started]


def can_cancel(operator: type[bpy.types.Operator], jobs: list[ActiveJob], message: str) -> bool:
    """Return True if one of the jobs was not canceled yet, else set the poll message."""
    can_be = any(not job.is_cancel_requested for job in jobs)
    return is_met(operator, can_be, "Already canceling" if jobs else message)


def cancel(jobs: list[ActiveJob]) -> set[str]:
    """Cancel jobs, the last ones first so that none of them starts in between."""
    for job in reversed(jobs):
        job.is_cancel_requested = True
        state.session.cancel(job.folder)
    redraw.panels()
    return {"FINISHED"}


class TEXT3D_OT_roll_seed(bpy.types.Operator):
    """Pick a new seed and lock it"""

    bl_idname = "text3d.roll_seed"
    bl_label = "New Seed"
    bl_options = {"INTERNAL", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.text3d
        settings.seed = random.randrange(SEEDS)
        settings.has_random_seed = False
        return {"FINISHED"}


CLASSES = (
    TEXT3D_OT_generate,
    TEXT3D_OT_compare,
    TEXT3D_OT_cancel,
    TEXT3D_OT_cancel_running,
    TEXT3D_OT_cancel_waiting,
    TEXT3D_OT_roll_seed,
)
