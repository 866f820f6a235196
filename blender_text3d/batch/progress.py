# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of a run over many objects: DIR/progress.json for other programs, sentences and JSON lines for a terminal.

Every object of the list is waiting, running, done, failed or existed, so that these five add up to the total.
"""

import json
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ..client.run_status import FAILED, FINISHED, STARTING, STOPPED, VERSION
from ..system.files import replace_content

FILE_NAME = "progress.json"
WRITE_EVERY_S = 1.0
RATE_OVER_S = 60.0
"""Seconds over which objects per second are measured."""


class Counts(NamedTuple):
    """Numbers of objects.

    Attributes:
        total: All of the list.
        waiting: Those that nobody makes yet.
        running: Those that were handed out.
        done: Those that this run has made.
        failed: Those that cannot be made.
        stolen: How often one was handed out again because its maker had died or did not answer.
        existed: Those that were there before, or that others made meanwhile.
        actors: Processes that make objects.
    """

    total: int = 0
    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    stolen: int = 0
    existed: int = 0
    actors: int = 0


class RunProgress:
    """Progress of one run, written to its folder at most once a second.

    Attributes:
        counts: The newest counts.
        state: STARTING, RUNNING, FINISHED, STOPPED or FAILED.
        reason: What the run waits for or why it ended, or "".
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.counts = Counts()
        self.state = STARTING
        self.reason = ""
        self._path = folder / FILE_NAME
        self._clock = clock
        self._started_at = now()
        self._written_at = -WRITE_EVERY_S
        self._seen: deque[tuple[float, int]] = deque([(clock(), 0)])

    def update(self, counts: Counts) -> bool:
        """Set the counts; True if they were written, False if the last time was less than a second ago.

        Raises:
            OSError: The file cannot be written.
        """
        self.counts = counts
        if self._clock() - self._written_at < WRITE_EVERY_S:
            return False
        self._seen.append((self._clock(), counts.done))
        while len(self._seen) > 2 and self._seen[1][0] < self._clock() - RATE_OVER_S:
            self._seen.popleft()
        self.write()
        return True

    def set_state(self, state: str, reason: str = "") -> None:
        """Change the state and write it at once.

        Raises:
            OSError: The file cannot be written.
        """
        if (state, reason) != (self.state, self.reason):
            self.state, self.reason = state, reason
            self.write()

    def write(self) -> None:
        """Replace the file.

        Raises:
            OSError: It cannot be written.
        """
        self._written_at = self._clock()
        replace_content(self._path, json.dumps(self.values()).encode())

    def values(self) -> dict[str, Any]:
        """Return the content of the file."""
        return {
            "version": VERSION,
            "state": self.state,
            "reason": self.reason,
            **self.counts._asdict(),
            "objects_per_s": round(self.objects_per_s, 4),
            "eta_s": self.eta_s,
            "started_at": self._started_at,
            "updated_at": now(),
        }

    @property
    def objects_per_s(self) -> float:
        """Objects per second in the last minute."""
        (first_at, first), (last_at, last) = self._seen[0], self._seen[-1]
        return (last - first) / (last_at - first_at) if last_at > first_at else 0.0

    @property
    def eta_s(self) -> int | None:
        """Seconds that the rest takes; None if unknown."""
        rest = self.counts.waiting + self.counts.running
        if self.state in (FINISHED, STOPPED, FAILED) or not rest:
            return 0
        return round(rest / self.objects_per_s) if self.objects_per_s else None

    def sentence(self) -> str:
        """Return a line for a terminal."""
        c = self.counts
        if self.state == STARTING:
            return f"Starting, {c.waiting} of {c.total} to make"
        parts = [f"{c.done} of {c.total} made", f"{c.running} running", f"{c.waiting} waiting"]
        parts += [f"{value} {word}" for value, word in ((c.existed, "existed"), (c.failed, "failed")) if value]
        parts += [f"{c.stolen} stolen"] if c.stolen else []
        parts += [f"{self.objects_per_s:.2f} objects/s", f"{c.actors} {'process' if c.actors == 1 else 'processes'}"]
        return ", ".join([*parts, f"{duration(self.eta_s)} left"] if self.eta_s else parts)


def duration(seconds: float) -> str:
    """Return a duration in two units, such as "2 h 5 min"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def now() -> str:
    """Return the time in UTC by ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
