# SPDX-License-Identifier: GPL-3.0-or-later
"""Number of objects to hand out at once: enough that a maker hardly waits, and few near the end."""

TARGET_S = 8.0
"""Seconds of work to hand out: the pause between two, about 0.1 s, is then 1 %."""
MAX_BATCH = 64
SMOOTHING = 0.3
FIRST_BATCHES = 4
"""Times the smallest number to hand out before anything is measured: a few objects, of which most lists have more."""


class BatchSize:
    """The number of objects to hand out, from the seconds that earlier ones took.

    Args:
        smallest: Number of objects that a maker runs at once on its device.
    """

    def __init__(self, smallest: int = 1) -> None:
        self._smallest = smallest
        self._seconds = 0.0

    @property
    def seconds_per_object(self) -> float:
        """Measured seconds per object of one maker; 0 before the first."""
        return self._seconds

    def measure(self, count: int, seconds: float) -> None:
        """Learn that a maker took so many seconds for so many objects."""
        if count:
            new = seconds / count
            self._seconds += (new - self._seconds) * (SMOOTHING if self._seconds else 1.0)

    def size(self, waiting: int, makers: int) -> int:
        """Return how many of the waiting objects to hand out, if there are so many makers.

        Half of a fair share at most, so that all makers end at about the same time.
        """
        wanted = round(TARGET_S / self._seconds) if self._seconds else FIRST_BATCHES * self._smallest
        share = -(-waiting // (2 * max(1, makers)))
        return max(1, self._smallest if share >= self._smallest else 1, min(wanted, share, MAX_BATCH))
