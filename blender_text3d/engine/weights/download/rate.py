# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a download comes, and when to say so."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from ..progress import News

WINDOW_S = 5.0


class RateMeter:
    """The speed over the last seconds."""

    def __init__(self, every_s: float, clock: Callable[[], float] = time.monotonic):
        """Begins with nothing measured.

        Args:
            every_s: Seconds between two pieces of news.
            clock: Seconds from anywhere.
        """
        self._every_s, self._clock = every_s, clock
        self._marks: deque[tuple[float, int]] = deque()
        self._told_s = float("-inf")

    def is_due(self) -> bool:
        """Whether it is time to say something again."""
        return self._clock() - self._told_s >= self._every_s

    def news(self, news: News, done_bytes: int, of_bytes: int) -> News:
        """The same news with the numbers of now."""
        now = self._told_s = self._clock()
        self._marks.append((now, done_bytes))
        while now - self._marks[0][0] > WINDOW_S:
            self._marks.popleft()
        then, before = self._marks[0]
        speed = (done_bytes - before) / (now - then) if now > then else 0.0
        left_s = (of_bytes - done_bytes) / speed if speed > 0 and of_bytes else None
        return replace(news, done_bytes=done_bytes, of_bytes=of_bytes, bytes_per_s=speed, left_s=left_s)
