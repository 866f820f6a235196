# SPDX-License-Identifier: GPL-3.0-or-later
"""Offer: the jobs that were offered to the worker, and whether the worker still responds.

The worker claims the first job of an offer, and those that it runs in one batch with it. When these have started, the
rest is taken back, and offered again later: unclaimed jobs wait on disk, whatever happens to the worker.
"""

import contextlib
import time
from collections.abc import Sequence

from ..protocol.claim import Claim
from ..protocol.events import Failed
from ..protocol.failures import REQUEUE_EXIT_CODES
from ..protocol.job_folder import JobFolder
from .exit_reasons import claim_timed_out, worker_died, worker_vanished
from .recovery import is_abandoned
from .worker_process import WorkerProcess

MAX_JOBS_PER_OFFER = 32
"""A worker hardly runs more jobs in one batch."""
PING_AFTER_S = 30.0
"""Silence after which a worker is asked about its jobs again; doubled with every question that it does not answer."""


class Offer:
    """The jobs offered to the worker that have not ended.

    Attributes:
        jobs: The jobs in order, the running ones first.
        is_claimed: True if the worker has claimed a job of this offer.
        has_started: True if a job of this offer has started; the worker claims no further one.
        max_batch_size: Largest batch; None leaves it to the worker and its device.
    """

    def __init__(self, worker: WorkerProcess, claim_timeout_s: float, max_batch_size: int | None) -> None:
        """Create an empty offer.

        Args:
            worker: The worker.
            claim_timeout_s: Longest time until the worker claims a job.
            max_batch_size: Largest batch; None leaves it to the worker and its device.
        """
        self.jobs: list[JobFolder] = []
        self.is_claimed = False
        self.has_started = False
        self.max_batch_size = max_batch_size
        self._worker = worker
        self._claim_timeout_s = claim_timeout_s
        self._sent_at = 0.0
        self._ping_at = 0.0
        self._ping_after_s = PING_AFTER_S
        self._responsive_pid = -1
        self._claims: dict[JobFolder, Claim] = {}
        self._has_taken_back = False

    @property
    def max_jobs(self) -> int:
        """Largest number of jobs in an offer."""
        return self.max_batch_size or MAX_JOBS_PER_OFFER

    def send(self, jobs: list[JobFolder]) -> None:
        """Offer jobs to the worker, which is started if it does not run.

        Raises:
            CannotStart: The worker cannot be started.
            OSError: The worker has just exited.
        """
        self.jobs = jobs
        self.is_claimed = self.has_started = self._has_taken_back = False
        self._claims = {job: claim for job, claim in self._claims.items() if job in jobs}
        if not self._worker.is_listening():
            self._worker.start()
        self._worker.send(self.jobs, self.max_batch_size)
        self._sent_at = time.monotonic()
        self.postpone_ping(PING_AFTER_S)

    def remove(self, job: JobFolder) -> None:
        """Remove a job that has ended."""
        self.jobs.remove(job)
        self.is_claimed = True

    def take_back(self) -> list[JobFolder]:
        """Return the jobs that the worker did not claim, once it claims no more of this offer; else none."""
        if not self.is_claimed or self._has_taken_back:
            return []
        claimed = [job for job in self.jobs if self.claim_of(job)]
        if claimed and not self.has_started:
            return []  # others may still join the batch
        self._has_taken_back = True
        rest, self.jobs = [job for job in self.jobs if job not in claimed], claimed
        return rest

    def failure(self, job: JobFolder, was_alive: bool) -> Failed | None:
        """Return the last event of a job whose worker cannot complete it, or None.

        Args:
            job: A job of this offer whose events have been read.
            was_alive: True if the worker was alive before they were read.
        """
        claim = self.claim_of(job)
        if claim:
            self.is_claimed = True
            self._responsive_pid = self._worker.pid
            return self.failure_of_claimed(job, claim, was_alive)
        if self.is_claimed:
            return None  # it waits for the jobs that the worker has claimed
        if not was_alive:
            if self._worker.exit_code in REQUEUE_EXIT_CODES or self._worker.pid == self._responsive_pid:
                self.is_claimed = True  # the worker exited after the job before: offer this one to the next worker
                return None
            return worker_died(job, self._worker)
        if time.monotonic() - self._sent_at > self._claim_timeout_s:
            self._worker.kill()
            return claim_timed_out(job, self._worker)
        return None

    def postpone_ping(self, ping_after_s: float) -> None:
        """Ping the worker after so many seconds without an event."""
        self._ping_after_s = ping_after_s
        self._ping_at = time.monotonic() + ping_after_s

    def ping_if_silent(self, made: Sequence[JobFolder] = ()) -> None:
        """Send silent jobs to the worker again: it ends those that it has done, whose last event was lost.

        Args:
            made: Jobs that are no longer part of the offer, since only their files are still being written.
        """
        if not self.is_claimed or time.monotonic() < self._ping_at or not self._worker.is_listening():
            return
        claimed = [*made, *(job for job in self.jobs if self.claim_of(job))]
        if not claimed:
            return
        self.postpone_ping(2 * self._ping_after_s)
        with contextlib.suppress(OSError):  # the worker has just exited; the next poll reports it
            self._worker.send(claimed, self.max_batch_size)

    def claim_of(self, job: JobFolder) -> Claim | None:
        """Return the claim on a job, or None. A complete one is never rewritten, so it is read once."""
        if job in self._claims:
            return self._claims[job]
        claim = job.claimed_by()
        if claim and claim.pid:
            self._claims[job] = claim
        return claim

    def failure_of_claimed(self, job: JobFolder, claim: Claim, was_alive: bool) -> Failed | None:
        """Return the last event of a claimed job whose worker cannot complete it, or None; see `failure`."""
        if self._worker.pid not in (claim.pid, claim.parent):  # the worker of another session was faster
            return worker_vanished(job) if is_abandoned(job) else None
        return None if was_alive else worker_died(job, self._worker)
