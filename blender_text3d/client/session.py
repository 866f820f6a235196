# SPDX-License-Identifier: GPL-3.0-or-later
"""Session: the jobs of one Blender (or one script) and the one worker that does them."""

import contextlib
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from ..protocol.claim import Claim
from ..protocol.create_job import create_job
from ..protocol.events import TERMINAL, Cancelled, Event
from ..protocol.failures import REQUEUE_EXIT_CODES
from ..protocol.job_folder import JobFolder
from ..protocol.request import Request
from .event_tail import EventTail
from .exit_reasons import cannot_start, claim_timed_out, worker_died, worker_vanished
from .recovery import is_abandoned
from .worker_process import CannotStart, WorkerProcess

News = tuple[JobFolder, Event]
MAX_JOBS_PER_OFFER = 32
"""Jobs of one offer: more than this a worker hardly makes at once."""
PING_AFTER_S = 30.0
"""After this, and then after twice as long and so on, a worker is asked whether it still has its jobs in hand."""


class Session:
    """Makes job folders, offers them to a worker, and tells what happened.

    The worker claims the first job it is offered, and those that it makes together with it; when these have ended, the
    others are offered again. So what nobody has claimed waits on disk, whatever becomes of the worker.

    Nothing here waits: call poll now and then. Every job submitted ends in exactly one of TERMINAL, whatever becomes of
    the worker, the folder or the disk.

    Args:
        jobs_dir: Where job folders go.
        python: The worker's.
        claim_within_s: How long a worker may take to take a job.
        at_once: The most objects that may be made together; None leaves it to the worker and its device.
        is_for_blender: Whether what this session leaves behind is offered in Blender.
    """

    def __init__(
        self,
        jobs_dir: Path,
        python: Path,
        claim_within_s: float = 60.0,
        at_once: int | None = None,
        *,
        is_for_blender: bool = True,
    ) -> None:
        self.jobs_dir = Path(jobs_dir)
        self.worker = WorkerProcess(python, self.jobs_dir)
        self.claim_within_s = claim_within_s
        self.at_once = at_once
        self.is_for_blender = is_for_blender
        self._waiting: deque[JobFolder] = deque()
        self._offered: list[JobFolder] = []
        self._is_taken = False
        self._tails: dict[JobFolder, EventTail] = {}
        self._sent_at = 0.0
        self._ask_at = 0.0
        self._proven_pid = -1
        self._silence_s = PING_AFTER_S
        self._news: list[News] = []

    @property
    def jobs(self) -> list[JobFolder]:
        """Jobs that have not ended, the one at work first."""
        return [*self._offered, *self._waiting]

    def submit(self, requests: Iterable[Request]) -> list[JobFolder]:
        """Make a job folder for each request and queue it.

        Raises:
            InvalidJob: A folder could not be made; those made before it stay queued.
        """
        jobs = []
        try:
            for request in requests:
                jobs.append(create_job(self.jobs_dir, request, is_for_blender=self.is_for_blender))
                self._queue(jobs[-1])
                if len(self._waiting) >= MAX_JOBS_PER_OFFER:  # enough to begin with
                    self._send_next()
        finally:
            self._send_next()
        return jobs

    def resume(self, jobs: Iterable[JobFolder]) -> None:
        """Queue jobs whose folders stand already."""
        for job in jobs:
            self._queue(job)
        self._send_next()

    def poll(self) -> list[News]:
        """What happened since the last call, oldest first."""
        was_alive = self.worker.is_alive()  # asked first: what it wrote before it died is read now
        for job in list(self._offered):
            self._follow(job, was_alive)
        self._take_back()
        self._send_next()
        self._ask_if_silent()
        news, self._news = self._news, []
        return news

    def cancel(self, job: JobFolder) -> None:
        """Stop a job: at once if nobody has taken it, after its present step if it is at work."""
        if job in self._waiting and self._claimed_here(job):
            self._waiting.remove(job)
            self._end(job, Cancelled(stage="queued", index=0))
            return
        try:
            if job in self._offered and job.claim():
                self._end(job, Cancelled(stage="queued", index=0))
            else:
                job.ask_to_cancel()
        except OSError:  # the folder is out of reach, so the worker cannot be asked
            self._give_up(job)

    def cancel_all(self) -> None:
        """Stop every job, the waiting ones first."""
        for job in [*self._waiting, *self._offered]:
            self.cancel(job)

    def close(self) -> None:
        """Let the worker finish the jobs in hand and leave; jobs that wait stay queued on disk."""
        self._waiting.clear()
        self._offered = [job for job in self._offered if job.claimed_by()] or self._offered[:1]
        self.worker.close()

    def _queue(self, job: JobFolder) -> None:
        self._tails[job] = EventTail(job.journal)
        if not self._read(job):
            self._waiting.append(job)

    def _give_up(self, job: JobFolder) -> None:
        """End a job at work whose folder is gone; with its worker, unless that makes other objects, too."""
        if job not in self._offered:
            return
        if not any(other.claimed_by() for other in self._offered if other != job):
            self.worker.kill()
        self._end(job, Cancelled(stage="unknown", index=0))

    def _read(self, job: JobFolder) -> bool:
        """Pass on what was appended; whether that was the job's end."""
        for event in self._tails[job].new_events():
            self._hear(PING_AFTER_S)
            self._news.append((job, event))
            if isinstance(event, TERMINAL):
                self._forget(job)
                return True
        return False

    def _follow(self, job: JobFolder, was_alive: bool) -> None:
        if self._read(job):
            return
        claim = job.claimed_by()
        if claim:
            self._is_taken = True
            self._proven_pid = self.worker.pid
            self._follow_claimed(job, claim, was_alive)
        elif self._is_taken:
            return  # the worker has others in hand; this one waits
        elif not was_alive and (self.worker.exit_code in REQUEUE_EXIT_CODES or self.worker.pid == self._proven_pid):
            self._is_taken = True  # it went after the job before; the next worker is offered this one
        elif not was_alive:
            self._end(job, worker_died(job, self.worker))
        elif time.monotonic() - self._sent_at > self.claim_within_s:
            self.worker.kill()
            self._end(job, claim_timed_out(job, self.worker))

    def _follow_claimed(self, job: JobFolder, claim: Claim, was_alive: bool) -> None:
        if self.worker.pid not in (claim.pid, claim.parent):  # another session's worker was faster: follow that one
            if is_abandoned(job):
                self._end(job, worker_vanished(job))
        elif not was_alive:
            self._end(job, worker_died(job, self.worker))

    def _take_back(self) -> None:
        """What the worker left of an offer that is done waits again, at the head of the line."""
        if self._is_taken and not any(job.claimed_by() for job in self._offered):
            self._waiting.extendleft(reversed(self._offered))
            self._offered = []

    def _send_next(self) -> None:
        while self._waiting and not self._offered:
            count = min(len(self._waiting), self.at_once or MAX_JOBS_PER_OFFER)
            self._offered = [self._waiting.popleft() for _ in range(count)]
            self._is_taken = False
            try:
                if not self.worker.is_listening():
                    self.worker.start()
                self.worker.send(self._offered, self.at_once)
                self._sent_at = time.monotonic()
                self._hear(PING_AFTER_S)
            except CannotStart as error:
                self._end(self._offered[0], cannot_start(str(error)))
                self._take_back()
            except OSError:  # it died just now; poll says so
                return

    def _hear(self, silence_s: float) -> None:
        self._silence_s = silence_s
        self._ask_at = time.monotonic() + silence_s

    def _ask_if_silent(self) -> None:
        """Name silent jobs to the worker again: it ends those that it is done with, whose last event was lost."""
        if not self._is_taken or time.monotonic() < self._ask_at or not self.worker.is_listening():
            return
        self._hear(2 * self._silence_s)
        with contextlib.suppress(OSError):  # it died just now; poll says so
            self.worker.send([job for job in self._offered if job.claimed_by()], self.at_once)

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
        if job in self._offered:
            self._offered.remove(job)
            self._is_taken = True
