# SPDX-License-Identifier: GPL-3.0-or-later
"""Session: the jobs of one Blender (or one script) and the one worker that does them."""

import contextlib
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from ..protocol.events import TERMINAL, Cancelled, Event
from ..protocol.job_folder import JobFolder
from ..protocol.new_job import create_job
from ..protocol.request import Request
from .deaths import abandoned, cannot_start, never_took, worker_died
from .recover import is_abandoned
from .tail import EventTail
from .worker_process import CannotStart, WorkerProcess

News = tuple[JobFolder, Event]


class Session:
    """Makes job folders, hands them to a worker one at a time, and tells what happened.

    Nothing here waits: call poll now and then. Every job submitted ends in exactly one of TERMINAL, whatever becomes of
    the worker, the folder or the disk.
    """

    def __init__(self, jobs_dir: Path, python: Path, claim_within_s: float = 60.0) -> None:
        self.jobs_dir = Path(jobs_dir)
        self.worker = WorkerProcess(python, self.jobs_dir)
        self.claim_within_s = claim_within_s
        self._waiting: deque[JobFolder] = deque()
        self._current: JobFolder | None = None
        self._tails: dict[JobFolder, EventTail] = {}
        self._sent_at = 0.0
        self._news: list[News] = []

    @property
    def jobs(self) -> list[JobFolder]:
        """Jobs that have not ended, the one at work first."""
        return [*([self._current] if self._current else []), *self._waiting]

    def submit(self, requests: Iterable[Request]) -> list[JobFolder]:
        """Make a job folder for each request and queue it.

        Raises:
            BrokenJob: A folder could not be made; those made before it stay queued.
        """
        jobs = []
        for request in requests:
            jobs.append(create_job(self.jobs_dir, request))
            self.resume(jobs[-1:])
        return jobs

    def resume(self, jobs: Iterable[JobFolder]) -> None:
        """Queue jobs whose folders stand already."""
        for job in jobs:
            self._tails[job] = EventTail(job.journal)
            if not self._read(job):
                self._waiting.append(job)
        self._send_next()

    def poll(self) -> list[News]:
        """What happened since the last call, oldest first."""
        if self._current:
            self._follow(self._current)
        self._send_next()
        news, self._news = self._news, []
        return news

    def cancel(self, job: JobFolder) -> None:
        """Stop a job: at once if it waits, after its present step if it is at work."""
        if job in self._waiting and self._claimed_here(job):
            self._waiting.remove(job)
            self._end(job, Cancelled(stage="queued", index=0))
            return
        try:
            job.ask_to_cancel()
        except OSError:  # the folder is out of reach, so the worker cannot be asked
            if job == self._current:
                self.worker.kill()
                self._end(job, Cancelled(stage="unknown", index=0))

    def cancel_all(self) -> None:
        """Stop every job, the waiting ones first."""
        for job in [*self._waiting, *self.jobs[:1]]:
            self.cancel(job)

    def close(self) -> None:
        """Let the worker finish the job in hand and leave; jobs that wait stay queued on disk."""
        self._waiting.clear()
        self.worker.close()

    def _read(self, job: JobFolder) -> bool:
        """Pass on what was appended; whether that was the job's end."""
        for event in self._tails[job].new_events():
            self._news.append((job, event))
            if isinstance(event, TERMINAL):
                self._forget(job)
                return True
        return False

    def _follow(self, job: JobFolder) -> None:
        was_alive = self.worker.is_alive()  # asked first: what it wrote before it died is read now
        if self._read(job):
            return
        claim = job.claimed_by()
        if claim and self.worker.pid not in (
            claim.pid,
            claim.parent,
        ):  # another session's worker was faster: follow that one
            if is_abandoned(job):
                self._end(job, abandoned(job))
        elif not was_alive:
            self._end(job, worker_died(job, self.worker))
        elif claim is None and time.monotonic() - self._sent_at > self.claim_within_s:
            self.worker.kill()
            self._end(job, never_took(job, self.worker))

    def _send_next(self) -> None:
        while self._waiting and self._current is None:
            job = self._current = self._waiting.popleft()
            try:
                if not self.worker.is_listening():
                    self.worker.start()
                self.worker.send(job)
                self._sent_at = time.monotonic()
            except CannotStart as error:
                self._end(job, cannot_start(str(error)))
            except OSError:  # it died just now; _follow says so
                return

    def _claimed_here(self, job: JobFolder) -> bool:
        try:
            return job.claim()
        except OSError:  # out of reach for every worker too
            return True

    def _end(self, job: JobFolder, last: Event) -> None:
        """End a job that no worker can end; told to the caller even where it cannot be written."""
        with contextlib.suppress(OSError):
            job.append(last)
        self._news.append((job, last))
        self._forget(job)

    def _forget(self, job: JobFolder) -> None:
        del self._tails[job]
        if job == self._current:
            self._current = None
