# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the engine for a batch of jobs; a batch that fails is split and run again."""

import traceback
from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from ...protocol.failures import Reason
from ..reporting.error_mapping import is_out_of_memory
from ..worker_state import WorkerState
from .batch_job import BatchJob
from .file_writer import FileWriter

if TYPE_CHECKING:
    from ...engine.generate import Engine


def run_split_on_failure(jobs: Sequence[BatchJob], engine: "Engine", state: WorkerState) -> Generator[None, None, None]:
    """Run the jobs that have not ended as one batch; split the batch in halves for as long as it fails.

    This finds the largest batch that fits into memory, and leaves any other error with the job that causes it. Objects
    that are made stay so, and the same seeds give the same objects.
    """
    open_jobs = [job for job in jobs if job.is_open]
    if not open_jobs:
        return
    failure = yield from run_batch(open_jobs, engine, state.files)
    retried = [job for job in open_jobs if job.is_open]
    if not failure or not retried:
        return
    half = (len(retried) + 1) // 2
    if failure == Reason.OUT_OF_MEMORY:
        half = min(half, len(open_jobs) // 2)
        state.remember_fitting_batch(open_jobs[0].recipe, half)
    for job in retried:
        job.notice(split_message(failure, len(open_jobs), half))
    for start in range(0, len(retried), half):
        yield from run_split_on_failure(retried[start : start + half], engine, state)


def run_batch(jobs: Sequence[BatchJob], engine: "Engine", files: FileWriter) -> Generator[None, None, Reason | None]:
    """Run one batch; returns the reason if the batch failed, else None. A single job fails by itself.

    The error itself is not returned: its traceback would keep the batch's memory alive.
    """
    with closing(engine.generate_batch([job.recipe for job in jobs])) as steps, files.objects_first():
        try:
            for index, step in steps:
                result = jobs[index].handle_step(step)
                yield
                if result is not None:
                    files.complete(jobs[index], result)
                    del result
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].fail(error)
                return None
            with suppress(OSError):  # a log on a full disk is no reason to stop
                traceback.print_exception(error)
            return Reason.OUT_OF_MEMORY if is_out_of_memory(error) else Reason.INTERNAL
    return None


def split_message(failure: Reason, count: int, half: int) -> str:
    """Return the notice for the users of a batch that is run again in halves."""
    if failure == Reason.OUT_OF_MEMORY:
        return f"There is not enough memory for {count} objects at once. They are made again, {half} at a time."
    return f"An error occurred while {count} objects were made at once. They are made again, {half} at a time."
