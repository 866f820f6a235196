# SPDX-License-Identifier: GPL-3.0-or-later
"""One offer: its first free job is claimed and run, together with the jobs that fit into its batch."""

import sys

from ..protocol.failures import FATAL_REASONS
from .batch.batch_job import BatchJob
from .batch.run_jobs import run_jobs
from .commands import Offer
from .reporting.error_mapping import lost_end_event
from .standard_streams import redirect_output
from .worker_state import WorkerState


def run_offer(offer: Offer, state: WorkerState) -> None:
    """Run the first job that no other worker has claimed, and those that can run in one batch with it.

    An error in a job becomes its last event.

    Raises:
        Exception: The last event of a job could not be written, so the client has to report it; the others have ended.
    """
    folder = next((folder for folder in offer.jobs if folder.claim()), None)
    if folder is None:
        sys.stderr.write(f"Job {offer.jobs[0].job_id} was claimed by another worker or has already run.\n")
        state.files.drain()
        end_lost_jobs(offer)
        return
    with redirect_output(folder.log):
        jobs = run_jobs(BatchJob(folder, state.eta, object_only=offer.object_only), offer, state)
    state.must_restart |= state.files.must_restart
    state.files.raise_error()
    for job in jobs:
        if not job.is_made:  # else the file writer ends it
            state.must_restart |= job.reason in FATAL_REASONS
            if job.journal_error:
                raise job.journal_error


def end_lost_jobs(offer: Offer) -> None:
    """Append a last event to this worker's own jobs that lack one; none of them is running when this is called.

    Raises:
        OSError: A job folder cannot be written.
    """
    for folder in offer.jobs:
        claim = folder.claimed_by()
        if claim and claim.is_own_process():
            folder.append(lost_end_event(folder))
