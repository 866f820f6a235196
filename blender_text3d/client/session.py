# SPDX-License-Identifier: GPL-3.0-or-later
"""Session: the jobs of one Blender, or of one script, and the worker that runs them."""

import contextlib
import itertools
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..protocol.create_job import create_job
from ..protocol.events import TERMINAL, Cancelled, Event, Failed, Made, Started
from ..protocol.job_folder import JobFolder
from ..protocol.request import Request
from . import offers
from .event_tail import EventTail
from .exit_reasons import cannot_start, worker_vanished
from .offers import Offer
from .worker_process import CannotStart, WorkerProcess

News = tuple[JobFolder, Event]


class Session:
    """Creates job folders, offers them to a worker and reports their events.

    Nothing here blocks: call `poll` regularly. Every submitted job ends with exactly one event of TERMINAL, whatever
    happens to the worker, the folder or the disk.

    Attributes:
        jobs_dir: The folder of job folders.
        worker: The worker.
        offer: The jobs that were offered to it.
        is_for_blender: True if Blender may import or resume what this session leaves behind.
        is_paused: True to offer no further job; those that were offered are run.
    """

    def __init__(
        self,
        jobs_dir: Path,
        python: Path,
        claim_timeout_s: float = 60.0,
        max_batch_size: int | None = None,
        *,
        is_for_blender: bool = True,
        object_only: bool = False,
    ) -> None:
        """Create a session; the worker is started with the first job.

        Args:
            jobs_dir: The folder of job folders.
            python: The worker's Python.
            claim_timeout_s: Longest time until the worker claims a job.
            max_batch_size: Largest batch; None leaves it to the worker and its device.
            is_for_blender: True if Blender may import or resume what this session leaves behind.
            object_only: True if the worker writes the objects alone, as for job folders that are deleted afterwards.
        """
        self.jobs_dir = Path(jobs_dir)
        self.worker = WorkerProcess(python, self.jobs_dir, object_only=object_only)
        self.is_for_blender = is_for_blender
        self.offer = Offer(self.worker, claim_timeout_s, max_batch_size)
        self.is_paused = False
        self._waiting: deque[JobFolder] = deque()
        self._places: dict[JobFolder, int] = {}
        self._next_place = itertools.count()
        self._made: list[JobFolder] = []
        self._tails: dict[JobFolder, EventTail] = {}
        self._news: list[News] = []

    @property
    def jobs(self) -> list[JobFolder]:
        """Jobs that have not ended: those that are made, the running and the waiting ones."""
        return [*self._made, *self.offer.jobs, *self._waiting]

    @property
    def movable(self) -> list[JobFolder]:
        """Jobs whose order may still matter: all but the next one that a worker claims, as far as is known."""
        return [*self.offer.jobs[1:], *self._waiting]

    @property
    def held(self) -> list[JobFolder]:
        """Jobs that are not run before the pause ends."""
        return list(self._waiting) if self.is_paused else []

    def submit(self, requests: Iterable[Request], *, is_draft: bool = False) -> list[JobFolder]:
        """Create a job folder for each request and queue it.

        Args:
            requests: The requests.
            is_draft: True for drafts of Live.

        Raises:
            InvalidJob: A folder could not be created; the jobs before it stay queued.
        """
        jobs: list[JobFolder] = []
        try:
            for request in requests:
                jobs.append(create_job(self.jobs_dir, request, is_for_blender=self.is_for_blender, is_draft=is_draft))
                self._queue(jobs[-1])
                if len(self._waiting) >= offers.MAX_JOBS_PER_OFFER:  # enough for the worker to start with
                    self._send_next()
        finally:
            self._send_next()
        return jobs

    def resume(self, jobs: Iterable[JobFolder]) -> None:
        """Queue existing job folders."""
        for job in jobs:
            self._queue(job)
        self._send_next()

    def reorder(self, jobs: Sequence[JobFolder]) -> None:
        """Have jobs run in this order, in their places among the others. Those that a worker has claimed run anyway."""
        known = [job for job in jobs if job in self._places]
        self._places.update(zip(known, sorted(self._places[job] for job in known), strict=True))
        self._sort_waiting()

    def request_thumbnails(self, jobs: Iterable[JobFolder]) -> bool:
        """Let the worker render the thumbnails of finished jobs; it is started if it does not run.

        Returns:
            False if nothing was requested, because the worker has jobs to run or cannot be started.
        """
        if self.jobs:
            return False
        try:
            if not self.worker.is_listening():
                self.worker.start()
            self.worker.request_thumbnails(list(jobs))
        except (CannotStart, OSError):
            return False
        return True

    def start_early(self, model: str, device: str) -> bool:
        """Start the worker before the first job, and let it load a model.

        Returns:
            False if it runs already or cannot be started; the first job tells why.
        """
        if self.worker.is_alive():
            return False
        try:
            self.worker.start()
            self.worker.preload(model, device)
        except (CannotStart, OSError):
            return False
        return True

    def poll(self) -> list[News]:
        """Return the events since the last call, oldest first."""
        was_alive = self.worker.is_alive()  # checked first: events that it wrote before it died are read now
        for job in list(self.offer.jobs):
            if not self._read(job) and (failed := self.offer.failure(job, was_alive)):
                self._end(job, failed)
        for job in list(self._made):
            if not self._read(job) and (failed := self._failure_of_made(job, was_alive)):
                self._end(job, failed)
        self._take_back()
        self._send_next()
        self.offer.ping_if_silent(self._made)
        news, self._news = self._news, []
        return news

    def cancel(self, job: JobFolder) -> None:
        """Cancel a job: at once if it is not claimed, after its current step if it is running."""
        if job in self._waiting and self._claim_or_unreachable(job):
            self._waiting.remove(job)
            self._end(job, Cancelled(stage="queued", index=0))
            return
        try:
            if job in self.offer.jobs and job.claim():
                self.offer.jobs.remove(job)  # the worker claims the next one of the same offer
                self._end(job, Cancelled(stage="queued", index=0))
            else:
                job.request_cancel()
        except OSError:  # the folder cannot be written, so the worker cannot be asked
            self._abandon(job)

    def cancel_all(self) -> None:
        """Cancel every job whose object is not made, the waiting ones first."""
        for job in [*self._waiting, *self.offer.jobs]:
            self.cancel(job)

    def drop_waiting(self) -> None:
        """Stop following the jobs that were not offered; they stay queued on disk."""
        for job in self._waiting:
            del self._tails[job], self._places[job]
        self._waiting.clear()

    def close(self) -> None:
        """Let the worker complete its claimed jobs and exit; the others stay queued on disk."""
        self._waiting.clear()
        self.offer.jobs = [job for job in self.offer.jobs if job.claimed_by()] or self.offer.jobs[:1]
        self.worker.close()

    def _queue(self, job: JobFolder) -> None:
        self._tails[job] = EventTail(job.journal)
        self._places[job] = next(self._next_place)
        if not self._read(job):
            self._waiting.append(job)

    def _read(self, job: JobFolder) -> bool:
        """Read a job's new events; returns True if the job has ended."""
        for event in self._tails[job].new_events():
            self.offer.postpone_ping(offers.PING_AFTER_S)
            self._news.append((job, event))
            self.offer.has_started |= isinstance(event, Started) and job in self.offer.jobs
            if isinstance(event, TERMINAL):
                self._forget(job)
                return True
            if isinstance(event, Made) and job in self.offer.jobs:
                self.offer.remove(job)
                self._made.append(job)
        return False

    def _failure_of_made(self, job: JobFolder, was_alive: bool) -> Failed | None:
        claim = self.offer.claim_of(job)
        return self.offer.failure_of_claimed(job, claim, was_alive) if claim else worker_vanished(job)

    def _take_back(self) -> None:
        if jobs := self.offer.take_back():
            self._waiting.extend(jobs)
            self._sort_waiting()

    def _sort_waiting(self) -> None:
        self._waiting = deque(sorted(self._waiting, key=self._places.__getitem__))

    def _send_next(self) -> None:
        while self._waiting and not self.offer.jobs and not self.is_paused:
            count = min(len(self._waiting), self.offer.max_jobs)
            try:
                self.offer.send([self._waiting.popleft() for _ in range(count)])
            except CannotStart as error:
                self._end(self.offer.jobs[0], cannot_start(str(error)))
                self._take_back()
            except OSError:  # the worker has just exited; the next poll reports it
                return

    def _abandon(self, job: JobFolder) -> None:
        """End a running job whose folder is gone, and its worker, unless that runs other jobs, too."""
        if job in self._made:
            self._end(job, Cancelled(stage="unknown", index=0))
        if job not in self.offer.jobs:
            return
        if not any(other.claimed_by() for other in self.offer.jobs if other != job):
            self.worker.kill()
        self._end(job, Cancelled(stage="unknown", index=0))

    def _claim_or_unreachable(self, job: JobFolder) -> bool:
        try:
            return job.claim()
        except OSError:  # out of reach for every worker, too
            return True

    def _end(self, job: JobFolder, last: Event) -> None:
        """End a job that no worker can end; reported even if the event cannot be written."""
        with contextlib.suppress(OSError):
            job.append(last)
        self._news.append((job, last))
        self._forget(job)

    def _forget(self, job: JobFolder) -> None:
        del self._tails[job], self._places[job]
        if job in self._made:
            self._made.remove(job)
        if job in self.offer.jobs:
            self.offer.remove(job)
