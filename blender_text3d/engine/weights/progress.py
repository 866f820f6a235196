# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of a download, a copy or a check: shown on a terminal, as JSON lines and in Blender's panel."""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

RATE_WINDOW_S = 5.0


@dataclass(frozen=True)
class ProgressUpdate:
    """One step of an operation on a checkpoint. The field names are the keys of `--json`.

    Attributes:
        stage: "wait" for another process, "connect", "download", "copy", "verify", "refused" (a source failed and the
            next one is tried), "notice" (the user should read it), "ready", "removed", or "failed" for a command.
        checkpoint: catalogue name; "" if the command failed as a unit.
        message: a sentence; "" if the numbers are enough.
        done_bytes: bytes of the file so far.
        of_bytes: size of the file; 0 if unknown.
        bytes_per_s: transfer rate.
        left_s: seconds left; None if unknown.
    """

    stage: str
    checkpoint: str
    message: str = ""
    done_bytes: int = 0
    of_bytes: int = 0
    bytes_per_s: float = 0.0
    left_s: float | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self))


class RateMeter:
    """The transfer rate over the last seconds, and the interval between updates."""

    def __init__(self, update_every_s: float, clock: Callable[[], float] = time.monotonic):
        """Start with no measurement.

        Args:
            update_every_s: Seconds between two updates.
            clock: Seconds from any origin.
        """
        self._update_every_s, self._clock = update_every_s, clock
        self._samples: deque[tuple[float, int]] = deque()
        self._last_update_s = float("-inf")

    def is_due(self) -> bool:
        """True if it is time for another update."""
        return self._clock() - self._last_update_s >= self._update_every_s

    def update(self, update: ProgressUpdate, done_bytes: int, of_bytes: int) -> ProgressUpdate:
        """Return the update with the current bytes, rate and time left."""
        now = self._last_update_s = self._clock()
        self._samples.append((now, done_bytes))
        while now - self._samples[0][0] > RATE_WINDOW_S:
            self._samples.popleft()
        then, before = self._samples[0]
        rate = (done_bytes - before) / (now - then) if now > then else 0.0
        left_s = (of_bytes - done_bytes) / rate if rate > 0 and of_bytes else None
        return replace(update, done_bytes=done_bytes, of_bytes=of_bytes, bytes_per_s=rate, left_s=left_s)
