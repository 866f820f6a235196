# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs, from claim to last event."""

import sys
from contextlib import closing

from ..protocol.failures import FATAL_REASONS
from .batch.batch_job import BatchJob
from .batch.run_jobs import make
from .commands import Offer
from .output_redirect import redirect_output
from .reporting.error_mapping import lost_end_event
from .worker_state import WorkerState


def run_offer(offer: Offer, workshop: WorkerState) -> None:
    """Do the first job that no other worker has, and what can be made together with it.

    Whatever goes wrong in a job becomes its last event.

    Raises:
        Exception: The last event of a job could not be written, so nobody can be told there; the others are done.
    """
    job = next((job for job in offer.jobs if job.claim()), None)
    if job is None:
        sys.stderr.write(f"The job {offer.jobs[0].job_id} is another worker's, or was done before.\n")
        end_lost(offer)
        return
    with redirect_output(job.log):
        members = [BatchJob(job, workshop.pace)]
        do(members, offer, workshop)
    for member in members:
        workshop.is_spoilt |= member.reason in FATAL_REASONS
        if member.unheard:
            raise member.unheard


def end_lost(offer: Offer) -> None:
    """Give a last event to the jobs of this worker that have none; it has nothing in hand when it is asked to.

    Raises:
        OSError: A job folder cannot be written.
    """
    for job in offer.jobs:
        claim = job.claimed_by()
        if claim and claim.is_ours():
            job.append(lost_end_event(job))


def do(members: list[BatchJob], offer: Offer, workshop: WorkerState) -> None:
    """Make the first member's object and those that join it; pulls until all is made or nobody is left who wants it."""
    with closing(make(members, offer, workshop)) as work:
        try:
            for _ in work:
                for member in members:
                    member.heed_cancel()
                if all(member.has_ended for member in members):
                    return
        except Exception as error:
            for member in members:
                member.fail(error)
