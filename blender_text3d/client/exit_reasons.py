# SPDX-License-Identifier: GPL-3.0-or-later
"""The last event of a job whose worker could not write it."""

from ..protocol.events import Failed, Made, Progress
from ..protocol.failures import EXIT_CODES, Reason, folder_failed
from ..protocol.job_folder import JobFolder
from ..system.console import sanitized
from .worker_process import WorkerProcess

REPAIR = "Repair the worker environment in the preferences, or run python -m blender_text3d.environment."


def cannot_start(message: str) -> Failed:
    """Return the event for a worker that could not be started."""
    return Failed(message=message, reason=Reason.ENVIRONMENT, fix=REPAIR)


def claim_timed_out(job: JobFolder, worker: WorkerProcess) -> Failed:
    """Return the event for a worker that runs but claims no job."""
    message = f"The worker ({worker.python}) did not accept the job {job.job_id}. Its output: {last_output(worker)}"
    return Failed(message=message, reason=Reason.ENVIRONMENT, fix=REPAIR)


def worker_died(job: JobFolder, worker: WorkerProcess) -> Failed:
    """Return the event for a worker that exited during the job or before it."""
    reason = next((reason for reason, code in EXIT_CODES.items() if code == worker.exit_code), None)
    if reason:
        return folder_failed(reason, job.path)
    if job.claimed_by() is None and worker.exit_code is not None and worker.exit_code >= 0:
        message = f"The worker ({worker.python}) exited before it accepted the job. Its output: {last_output(worker)}"
        return Failed(message=message, reason=Reason.ENVIRONMENT, fix=REPAIR)
    events = job.events()
    stage = next((event.stage for event in reversed(events) if isinstance(event, Progress)), "start")
    fix = f"Generate again. If it crashes again, choose a lower quality, or read {job.log.name} in the job folder."
    if any(isinstance(event, Made) for event in events):
        fix = "The object itself is complete. Generate again to get its other files, such as GLB and PLY."
    return Failed(
        message=f"The worker crashed ({describe_exit(worker.exit_code)}) in the stage {stage}.",
        reason=Reason.WORKER_DIED,
        fix=fix,
    )


def worker_vanished(job: JobFolder) -> Failed:
    """Return the event for a job whose worker exited while no session was watching."""
    return Failed(
        message=f"The job {job.job_id} was interrupted: its worker is no longer running.",
        reason=Reason.INTERRUPTED,
        fix="Generate again; the same seed gives the same object.",
    )


def last_output(worker: WorkerProcess) -> str:
    """Return the last line of a worker's output."""
    return sanitized(worker.last_line()) or "none"


def describe_exit(exit_code: int | None) -> str:
    """Return an exit code in words."""
    if exit_code is None:
        return "no exit code"
    return f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
