# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch that fails: the halves that are run again, and what is said about them."""

import pytest

from blender_text3d.protocol.failures import Reason
from blender_text3d.worker.batch.file_writer import FileWriter
from blender_text3d.worker.batch.run_batch import run_batch, run_split_on_failure, split_message
from blender_text3d.worker.worker_state import WorkerState
from tests.worker.scripted_engine import Recipe

RECIPE = Recipe("a", "mini/shap-e", seed=1, steps=4, guidance=3.0, grid=32, outputs="mesh")


class Job:
    """A job that ends with its first step."""

    def __init__(self, name):
        self.name, self.recipe, self.has_ended, self.notices, self.error = name, RECIPE, False, [], None

    @property
    def is_open(self):
        return not self.has_ended

    def handle_step(self, step):
        self.has_ended = True
        return step

    def notice(self, message):
        self.notices.append(message)

    def fail(self, error):
        self.has_ended, self.error = True, error


class Engine:
    """An engine whose batches above a size fail with an error, after their first jobs have ended."""

    def __init__(self, error, fits=1, ended_first=0):
        self.error, self.fits, self.ended_first, self.sizes, self.closed = error, fits, ended_first, [], 0

    def generate_batch(self, recipes):
        self.sizes.append(len(recipes))
        try:
            fails = len(recipes) > self.fits
            for index in range(self.ended_first if fails else len(recipes)):
                yield index, None
            if fails:
                raise self.error
        finally:
            self.closed += 1


def run(engine, count):
    jobs, state = [Job(str(number)) for number in range(count)], WorkerState()
    for _ in run_split_on_failure(jobs, engine, state):
        pass
    return jobs, state


@pytest.mark.parametrize(
    ("error", "fits", "count", "sizes", "limit"),
    [
        (MemoryError(), 8, 8, [8], None),
        (MemoryError(), 4, 8, [8, 4, 4], 4),
        (MemoryError(), 1, 5, [5, 2, 1, 1, 2, 1, 1, 1], 1),
        (MemoryError(), 2, 3, [3, 1, 1, 1], 1),
        (RuntimeError("x"), 2, 3, [3, 2, 1], None),
        (RuntimeError("x"), 2, 5, [5, 3, 2, 1, 2], None),
    ],
)
def test_a_failed_batch_is_run_again_in_halves_and_a_lack_of_memory_is_remembered(error, fits, count, sizes, limit):
    engine = Engine(error, fits)
    jobs, state = run(engine, count)
    assert engine.sizes == sizes
    assert engine.closed == len(sizes)
    assert all(job.has_ended and job.error is None for job in jobs)
    assert state.max_fitting_batch(RECIPE) == (limit or WorkerState().max_fitting_batch(RECIPE))


def test_jobs_that_have_ended_are_not_run_again():
    engine = Engine(RuntimeError("x"), fits=2, ended_first=3)
    jobs, _ = run(engine, 4)
    assert engine.sizes == [4, 1]
    assert [len(job.notices) for job in jobs] == [0, 0, 0, 1]


def test_after_a_lack_of_memory_the_halves_are_of_the_batch_that_failed():
    engine = Engine(MemoryError(), fits=2, ended_first=1)
    jobs, state = run(engine, 5)
    assert engine.sizes == [5, 2, 2]
    assert state.max_fitting_batch(RECIPE) == 2
    assert jobs[4].notices == ["There is not enough memory for 5 objects at once. They are made again, 2 at a time."]


def test_without_open_jobs_the_engine_is_not_asked():
    engine = Engine(None)
    assert list(run_split_on_failure([], engine, WorkerState())) == []
    assert engine.sizes == []


def result_of(steps):
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return done.value


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), Reason.OUT_OF_MEMORY),
        (RuntimeError("CUDA out of memory"), Reason.OUT_OF_MEMORY),
        (RuntimeError("x"), Reason.INTERNAL),
        (OSError("x"), Reason.INTERNAL),
    ],
)
def test_a_failed_batch_returns_its_reason_and_a_single_job_fails_by_itself(error, reason, capsys):
    jobs = [Job("a"), Job("b")]
    assert result_of(run_batch(jobs, Engine(error), FileWriter())) == reason
    assert type(error).__name__ in capsys.readouterr().err
    assert [job.has_ended for job in jobs] == [False, False]
    assert result_of(run_batch(jobs[:1], Engine(error, fits=0), FileWriter())) is None
    assert jobs[0].error is error
    assert result_of(run_batch(jobs[1:], Engine(error), FileWriter())) is None
    assert jobs[1].error is None


def test_a_cancelled_batch_closes_the_engine():
    engine = Engine(None, fits=2)
    steps = run_batch([Job("a"), Job("b")], engine, FileWriter())
    next(steps)
    steps.close()
    assert engine.closed == 1


def test_the_notice_has_the_reason_and_both_sizes():
    assert split_message(Reason.OUT_OF_MEMORY, 5, 2) == (
        "There is not enough memory for 5 objects at once. They are made again, 2 at a time."
    )
    assert split_message(Reason.INTERNAL, 5, 3) == (
        "An error occurred while 5 objects were made at once. They are made again, 3 at a time."
    )


def test_each_result_is_given_to_the_file_writer_after_its_job_could_be_cancelled():
    class Results(Engine):
        def generate_batch(self, recipes):
            yield 1, "result"

    class Files(FileWriter):
        completed = []

        def complete(self, job, result):
            self.completed.append((job.name, result))

    steps = run_batch([Job("a"), Job("b")], Results(None), Files())
    next(steps)
    assert Files.completed == []
    assert result_of(steps) is None
    assert Files.completed == [("b", "result")]
