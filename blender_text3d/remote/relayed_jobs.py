# SPDX-License-Identifier: GPL-3.0-or-later
"""RelayedJobs: the jobs of a relay. It claims them as a worker would, so that each is run by one process only."""

from pathlib import Path

from ..protocol.errors import InvalidJob
from ..protocol.events import Failed
from ..protocol.failures import Reason
from ..protocol.job_folder import JobFolder
from .relayed_job import WITHOUT, RelayedJob

INCOMPLETE = (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidJob)
"""Errors that an incomplete or manipulated job folder causes."""


class RelayedJobs:
    """All jobs that are not over, by their keys.

    Attributes:
        offer: Jobs that the client offers and that are not claimed, with the first one, which is claimed at once.
        forgotten: Keys of jobs that the other machine should end and remove.
    """

    def __init__(self) -> None:
        """Begin without jobs."""
        self.offer: list[RelayedJob] = []
        self.forgotten: set[str] = set()
        self._by_key: dict[str, RelayedJob] = {}

    @property
    def claimed(self) -> list[RelayedJob]:
        """Jobs that this process has claimed and that have not ended."""
        return [job for job in self._by_key.values() if job.is_claimed and not job.has_ended]

    @property
    def wanted(self) -> list[RelayedJob]:
        """Jobs that the other machine should run, the claimed ones first."""
        return list(dict.fromkeys([*self.claimed, *(job for job in self.offer if not job.has_ended)]))

    @property
    def is_empty(self) -> bool:
        """True if every job is over, with all of its files."""
        return not self._by_key

    def get(self, key: str) -> RelayedJob | None:
        """Return a job that is not over."""
        return self._by_key.get(key)

    def take(self, paths: list[str]) -> RelayedJob | None:
        """Take an offer of the client; returns its first free job, which is claimed, or None if nothing is new."""
        jobs = [job for path in paths if (job := self._job_of(JobFolder(Path(path)))) and not job.has_ended]
        if all(job.is_claimed for job in jobs):
            return None  # the client asks whether the other machine still runs them
        for job in [job for job in self._by_key.values() if not job.is_claimed and job not in jobs]:
            if job.folder.is_claimed():  # it was canceled before it began
                self.forget(job)
        self.offer = [job for job in jobs if not job.is_claimed]
        return next((job for job in list(self.offer) if self.claim(job)), None)

    def claim(self, job: RelayedJob) -> bool:
        """Claim a job, unless it is; False if another process has done so, and then the job is over."""
        job.is_claimed = job.is_claimed or job.folder.claim()
        if not job.is_claimed:
            self.forget(job)
        return job.is_claimed

    def close_offer(self) -> None:
        """Leave the jobs of the offer that are not claimed to the client, who offers them again."""
        self.offer = [job for job in self.offer if job.is_claimed]

    def forget(self, job: RelayedJob) -> None:
        """Drop a job that is over."""
        self._by_key.pop(job.key, None)
        self.forgotten.add(job.key)
        if job in self.offer:
            self.offer.remove(job)

    def drop_unclaimed(self) -> None:
        """Leave all jobs that are not claimed to the client."""
        for job in [job for job in self._by_key.values() if not job.is_claimed]:
            self.forget(job)

    def lose_connection(self) -> None:
        """Begin again with every job; what has ended is over, even if its thumbnail is missing."""
        for job in list(self._by_key.values()):
            job.step, job.has_cancelled, job.was_watched = WITHOUT, False, False
            if job.has_ended:
                self.forget(job)

    def _job_of(self, folder: JobFolder) -> RelayedJob | None:
        known = next((job for job in self._by_key.values() if job.folder == folder), None)
        if known:
            return known
        try:
            job = RelayedJob(folder, set(self._by_key))
        except INCOMPLETE as error:
            if folder.claim():
                message = f"Job {folder.job_id} cannot be sent: its files are incomplete ({error})."
                folder.append(Failed(message=message, reason=Reason.BROKEN_JOB, fix="Generate the object again."))
            return None
        self.forgotten.discard(job.key)
        self._by_key[job.key] = job
        return job
