# SPDX-License-Identifier: GPL-3.0-or-later
"""WorkQueue: which objects wait, which are handed out to whom, and which have failed for good. Knows nothing of Ray."""

from collections import deque
from collections.abc import Iterable, Mapping

from ..failures import MAX_ATTEMPTS
from ..orders import ChunkOrder


class WorkQueue:
    """Objects to make, each handed out to one maker at a time.

    Attributes:
        stolen: Number of times that an object went to another maker, because its own had died or did not answer.
    """

    def __init__(
        self, orders: Iterable[ChunkOrder], failures: Mapping[str, int], *, retries_failed: bool = False
    ) -> None:
        """Create a queue.

        Args:
            orders: The objects.
            failures: How often an object failed in earlier runs, by ID.
            retries_failed: True if these do not count towards the last attempt.
        """
        self.stolen = 0
        self._waiting = deque(orders)
        self._alone: deque[ChunkOrder] = deque()
        self._running: dict[str, list[ChunkOrder]] = {}
        self._attempts = dict(failures)
        self._uncounted = dict(failures) if retries_failed else {}

    @property
    def waiting(self) -> int:
        """Number of objects that nobody makes."""
        return len(self._waiting) + len(self._alone)

    @property
    def running(self) -> int:
        """Number of objects that were handed out."""
        return sum(map(len, self._running.values()))

    def take(self, maker: str, count: int) -> list[ChunkOrder]:
        """Hand out up to `count` objects to a maker that has none.

        One whose maker died is handed out alone: what it does to its maker must not happen to others again.
        """
        source, count = (self._waiting, count) if self._waiting else (self._alone, 1)
        taken = [source.popleft() for _ in range(min(count, len(source)))]
        if taken:
            self._running[maker] = taken
        return taken

    def put_back(self, maker: str) -> list[ChunkOrder]:
        """Take back what a maker has not made, through no fault of the objects; others make them next."""
        orders = self._running.pop(maker, [])
        self._waiting.extendleft(reversed(orders))
        return orders

    def orders_of(self, maker: str) -> list[ChunkOrder]:
        """Return what a maker was handed out."""
        return self._running.get(maker, [])

    def finish(self, maker: str) -> list[ChunkOrder]:
        """End what a maker was handed out; returns the objects."""
        return self._running.pop(maker, [])

    def take_back_all(self) -> list[ChunkOrder]:
        """Take back everything that was handed out; returns the objects."""
        return [order for maker in list(self._running) for order in self.finish(maker)]

    def add(self, order: ChunkOrder) -> None:
        """Let an object wait."""
        self._waiting.append(order)

    def lose(self, maker: str, made: Iterable[str] = ()) -> list[ChunkOrder]:
        """Take back what a dead maker has not made; returns the objects that are given up.

        Args:
            maker: The maker.
            made: IDs of the objects that it had made.
        """
        done = set(made)
        lost = [order for order in self._running.pop(maker, []) if order.object_id not in done]
        is_alone = len(lost) == 1  # else nobody knows which of them it was
        given_up = [order for order in lost if is_alone and self._is_last(order)]
        again = [order for order in lost if order not in given_up]
        self.stolen += len(again)
        self._alone.extend(again)
        return given_up

    def fail(self, order: ChunkOrder) -> bool:
        """Count a failure; True if it was the last, False if the object is made again, after all others."""
        is_last = self._is_last(order)
        if not is_last:
            self._alone.append(order)
        return is_last

    def attempts(self, object_id: str) -> int:
        """Return how often an object has failed."""
        return self._attempts.get(object_id, 0)

    def _is_last(self, order: ChunkOrder) -> bool:
        """Count an attempt that failed; True if no other one is left."""
        name = order.object_id
        self._attempts[name] = attempts = 1 + self._attempts.get(name, 0)
        return attempts - self._uncounted.get(name, 0) >= MAX_ATTEMPTS
