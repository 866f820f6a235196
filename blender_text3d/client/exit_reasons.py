# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a worker stopped without saying so itself, in a sentence."""

from ..protocol.events import Failed, Progress
from ..protocol.failures import EXIT_CODES, Reason, folder_failed
from ..protocol.job_folder import JobFolder
from ..system.console import sanitized
from .worker_process import WorkerProcess

REPAIR = "Repair the worker environment in the preferences, or run python -m blender_text3d.environment."


def cannot_start(sentence: str) -> Failed:
    """No process came to be."""
    return Failed(message=sentence, reason=Reason.ENVIRONMENT, fix=REPAIR)


def claim_timed_out(job: JobFolder, worker: WorkerProcess) -> Failed:
    """A process lives, but does not take jobs."""
    message = f"The worker ({worker.python}) did not take the job {job.job_id}; it says: {last_output(worker)}"
    return Failed(message=message, reason=Reason.ENVIRONMENT, fix=REPAIR)


def worker_died(job: JobFolder, worker: WorkerProcess) -> Failed:
    """The process ended with the job in hand, or before it took it."""
    reason = next((reason for reason, code in EXIT_CODES.items() if code == worker.exit_code), None)
    if reason:
        return folder_failed(reason, job.path)
    if job.claimed_by() is None and worker.exit_code >= 0:
        message = f"The worker ({worker.python}) left before it took the job; it says: {last_output(worker)}"
        return Failed(message=message, reason=Reason.ENVIRONMENT, fix=REPAIR)
    stage = next((event.stage for event in reversed(job.events()) if isinstance(event, Progress)), "start")
    return Failed(
        message=f"The worker died ({describe_exit(worker.exit_code)}) in the stage {stage}.",
        reason=Reason.WORKER_DIED,
        fix=f"Generate again; if it dies again, choose a lower quality and read {job.log.name} in the job folder.",
    )


def worker_vanished(job: JobFolder) -> Failed:
    """The process that had claimed the job is gone, and nobody was there to see."""
    return Failed(
        message=f"The job {job.job_id} was interrupted: the process that worked on it is gone.",
        reason=Reason.INTERRUPTED,
        fix="Generate again; the same seed gives the same object.",
    )


def last_output(worker: WorkerProcess) -> str:
    """Its last line, or that there is none."""
    return sanitized(worker.last_words()) or "nothing"


def describe_exit(exit_code: int) -> str:
    """An exit code for people."""
    return f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
