# SPDX-License-Identifier: GPL-3.0-or-later
"""FleetRun: hands objects out to makers until all are made or have failed for good."""

import time
from collections.abc import Callable

from ...client.run_status import STOP_NAME
from ..failures import MAX_ATTEMPTS
from ..make_chunk import EXISTS, FAILED, GAVE_WAY, GIVEN_UP, MADE, SKIPPED, Outcome, failure_of
from ..object_store import ObjectStore
from ..orders import Chunk, ChunkOrder
from ..progress import Counts
from .batch_size import BatchSize
from .errors import RunFailed
from .fleet import message_of
from .makers import Ended, Maker, Makers
from .object_maker import Order, Result
from .work_queue import WorkQueue

WAIT_S = 0.25
GRACE_S = 60.0
"""Seconds after an object's deadline before its maker, which should have ended it, is taken for frozen."""

TOLD_AFTER_S = 300.0
NOTHING_STARTS = (
    "No process has started for 5 minutes. The cores of the cluster may be taken, which ray status shows. "
    "The run waits; Ctrl+C stops it."
)


class FleetRun:
    """A run of a list on a fleet.

    Attributes:
        is_stopped: True if the folder has the file that asks for a stop.

    Args:
        chunk: The list.
        store: The folder of objects.
        deadline_s: Longest time for an object.
        retries_failed: True to try objects again whose last failure was final.
        batch: Number of objects that a maker runs at once; 0 if unknown.
        report: Called with each outcome as soon as it is known.
        say: Called with sentences for the user.
    """

    def __init__(
        self,
        chunk: Chunk,
        store: ObjectStore,
        *,
        deadline_s: float,
        batch: int,
        retries_failed: bool,
        report: Callable[[Outcome], None],
        say: Callable[[str], None],
    ) -> None:
        self.is_stopped = False
        self._chunk, self._store = chunk, store
        self._actors = 0
        self._waits_since = time.monotonic()
        self._told: set[str] = set()
        self._deadline_s = deadline_s
        self._report_outcome, self._say = report, say
        self._ended = {MADE: 0, EXISTS: 0, FAILED: len(chunk.refused), SKIPPED: 0}
        self._sizes = BatchSize(max(1, batch))
        failures = store.failures.counts()
        given_up = {} if retries_failed else failures
        self._queue = WorkQueue(self._missing(given_up), failures, retries_failed=retries_failed)
        self._stop = store.out / STOP_NAME

    @property
    def counts(self) -> Counts:
        """Numbers of objects."""
        return Counts(
            total=len(self._chunk.orders) + len(self._chunk.refused),
            waiting=self._queue.waiting,
            running=self._queue.running,
            done=self._ended[MADE],
            failed=self._ended[FAILED] + self._ended[SKIPPED],
            stolen=self._queue.stolen,
            existed=self._ended[EXISTS],
            actors=self._actors,
        )

    @property
    def is_ended(self) -> bool:
        """True if nothing is left to do, or to wait for after a stop."""
        return not self._queue.running and (self.is_stopped or not self._queue.waiting)

    def step(self, fleet: Makers) -> None:
        """Hand out what fits to the makers of a fleet, and wait a moment for results.

        Raises:
            RunFailed: No machine can make the rest.
        """
        self.is_stopped = self.is_stopped or self._stop.exists()
        if not self.is_stopped:
            fleet.refresh(self._queue.waiting + self._queue.running)
            self._hand_out(fleet)
        self._require_makers(fleet)
        for ended in fleet.wait(WAIT_S):
            self._handle(ended)
        self._end_frozen(fleet)
        self._actors = sum(maker.is_ready for maker in fleet.makers)
        self._tell_of_waiting()

    def _tell_of_waiting(self) -> None:
        """Say once, if no process has started for long, why that may be: a cluster that others use is waited for."""
        if self._actors:
            self._waits_since = time.monotonic()
        elif time.monotonic() - self._waits_since > TOLD_AFTER_S:
            self._tell_once(NOTHING_STARTS)

    def count_published(self) -> None:
        """Report what makers that were ended have published, without their word; the rest waits."""
        self._actors = 0
        for order in self._queue.take_back_all():
            if self._store.has(order.object_id):
                self._report(Outcome(order, MADE))
            else:
                self._queue.add(order)

    def _missing(self, failures: dict[str, int]) -> list[ChunkOrder]:
        """Return the objects to make, and report the others."""
        missing = []
        for order in self._chunk.orders:
            if self._store.has(order.object_id):
                self._report(Outcome(order, EXISTS))
            elif failures.get(order.object_id, 0) >= MAX_ATTEMPTS:
                self._report(Outcome(order, SKIPPED, GIVEN_UP, is_final=True))
            else:
                missing.append(order)
        return missing

    def _hand_out(self, fleet: Makers) -> None:
        for maker in fleet.idle:
            size = self._sizes.size(self._queue.waiting, len(fleet.makers))
            if orders := self._queue.take(maker.name, size):
                fleet.hand_out(maker, [self._sent(order) for order in orders])

    def _sent(self, order: ChunkOrder) -> Order:
        """Return an object as it is sent to a maker."""
        failed = self._queue.attempts(order.object_id)
        return Order(order.object_id, order.request.to_values(), order.place, failed)

    def _require_makers(self, fleet: Makers) -> None:
        if not fleet.makers and fleet.unfit and self._queue.waiting and not self.is_stopped:
            raise RunFailed(next(reversed(fleet.unfit.values())))

    def _handle(self, ended: Ended) -> None:
        maker = ended.maker
        if ended.error is None:
            self._take_results(maker, ended.results)
        elif ended.is_unfit:
            self._tell_once(message_of(ended.error))
            self._queue.put_back(maker.name)
        else:
            self._lose(maker, message_of(ended.error))

    def _take_results(self, maker: Maker, results: list[Result]) -> None:
        orders = {order.object_id: order for order in self._queue.finish(maker.name)}
        self._sizes.measure(len(results), time.monotonic() - maker.started_at)
        for result in results:
            order = orders[result.object_id]
            if result.state != FAILED or self._queue.fail(order):
                is_final = result.state == FAILED
                self._report(Outcome(order, result.state, result.reason, result.seconds, is_final))

    def _lose(self, maker: Maker, why: str) -> None:
        """Hand out again what a dead maker has not published."""
        orders = self._queue.orders_of(maker.name)
        made = [order for order in orders if self._store.has(order.object_id)]
        self._say(f"A process that made objects ended ({why}). Others make what it was working on.")
        for order in made:
            self._report(Outcome(order, MADE))
        for order in self._queue.lose(maker.name, [order.object_id for order in made]):
            reason = f"Every process that tried to make it ended ({why})."
            self._store.failures.record(failure_of(order, reason, self._queue.attempts(order.object_id)))
            self._report(Outcome(order, FAILED, reason, is_final=True))

    def _tell_once(self, text: str) -> None:
        """Tell a sentence unless it was told before."""
        if text not in self._told:
            self._told.add(text)
            self._say(text)

    def _end_frozen(self, fleet: Makers) -> None:
        """End makers that are far beyond the deadline: they are stopped, or their machine is."""
        for maker in list(fleet.makers):
            count = len(self._queue.orders_of(maker.name))
            tries = 2 if count > 1 else 1  # those of a batch that took too long are made again, one at a time
            longest_s = tries * self._deadline_s + GRACE_S + 10 * count * self._sizes.seconds_per_object
            if count and time.monotonic() - maker.started_at > longest_s:
                fleet.remove(maker)
                self._lose(maker, f"it did not answer for {longest_s:.0f} seconds")

    def _report(self, outcome: Outcome) -> None:
        self._ended[EXISTS if outcome.state == GAVE_WAY else outcome.state] += 1
        self._report_outcome(outcome)
