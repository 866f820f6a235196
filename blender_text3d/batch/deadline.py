# SPDX-License-Identifier: GPL-3.0-or-later
"""Deadline: which running jobs take longer than an object may."""

import time
from collections.abc import Callable

from ..protocol.events import TERMINAL, Event, Failed, Finished, Queued
from ..protocol.failures import Reason
from ..protocol.job_folder import JobFolder


class Deadline:
    """The longest time from the first sign of a job to its end, with the model's loading.

    Attributes:
        is_shared: True if it last passed for several jobs of a batch, of which nobody knows which one takes too long.

    Args:
        limit_s: That time; 0 for no limit.
    """

    def __init__(self, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit_s = limit_s
        self._clock = clock
        self.is_shared = False
        self._started: dict[JobFolder, float] = {}
        self._overdue: set[JobFolder] = set()

    @property
    def failure(self) -> Failed:
        """Last event of a job that took too long."""
        message = f"It took longer than {self._limit_s:g} seconds."
        return Failed(message=message, reason=Reason.INTERRUPTED, fix="Allow more time with --deadline.")

    def read(self, job: JobFolder, event: Event) -> bool:
        """Learn of an event; True if it is the end of a job that took too long and was not finished after all."""
        if not isinstance(event, TERMINAL):
            if not isinstance(event, Queued):  # the first one tells that its model is being loaded
                self._started.setdefault(job, self._clock())
            return False
        self._started.pop(job, None)
        was_overdue = job in self._overdue
        self._overdue.discard(job)
        return was_overdue and not isinstance(event, Finished)

    def has_passed(self) -> bool:
        """True once for each job that takes too long: its worker must be ended."""
        late = {job for job, at in self._started.items() if self._limit_s and self._clock() - at > self._limit_s}
        new = late - self._overdue
        self._overdue |= new
        if new:
            self.is_shared = len(self._overdue) > 1
        return bool(new)
