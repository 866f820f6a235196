# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that run as one batch; a batch that fails is done again in halves."""

import traceback
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from ..reporting.error_mapping import is_out_of_memory
from ..worker_state import WorkerState
from .batch_job import BatchJob
from .step_events import handle_step

if TYPE_CHECKING:
    from ...engine.generate import Engine

TOO_LARGE, BROKEN = "too large", "broken"


def run_split_on_failure(members: Sequence[BatchJob], engine: "Engine", workshop: WorkerState) -> Iterator[None]:
    """Make the objects of all who still want theirs.

    Where a batch fails, its halves are made one after the other, and so on: so what fits into memory is found, and
    another fault ends up with the job that has it. Those that are done stay done, and the same seeds give the same
    objects.
    """
    left = [member for member in members if not member.has_ended]
    if not left:
        return
    trouble = yield from run_batch(left, engine)
    again = [member for member in left if not member.has_ended]
    if not trouble or not again:
        return
    half = (len(again) + 1) // 2
    if trouble == TOO_LARGE:
        half = min(half, len(left) // 2)
        workshop.remember_fit(left[0].recipe, half)
    for member in again:
        member.notice(sentence(trouble, len(left), half))
    for start in range(0, len(again), half):
        yield from run_split_on_failure(again[start : start + half], engine, workshop)


def run_batch(members: Sequence[BatchJob], engine: "Engine") -> Generator[None, None, str]:
    """Run one batch; returns what was wrong with it, or "". A job that runs alone has that fault itself, and fails.

    Nothing of the error is kept: its traceback would hold the batch's memory.
    """
    with closing(engine.generate_batch([member.recipe for member in members])) as news:
        try:
            for which, step in news:
                yield from handle_step(members[which], step)
        except Exception as error:
            if len(members) == 1:
                members[0].fail(error)
                return ""
            with suppress(OSError):  # a log that takes nothing is no reason to stop
                traceback.print_exception(error)
            return TOO_LARGE if is_out_of_memory(error) else BROKEN
    return ""


def sentence(trouble: str, count: int, half: int) -> str:
    """What a batch's users should know when it begins again."""
    if trouble == TOO_LARGE:
        return f"There is not enough memory for {count} objects at once: they are made again, {half} at a time."
    return f"Something went wrong while {count} objects were made at once: they are made again, {half} at a time."
