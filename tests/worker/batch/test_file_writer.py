# SPDX-License-Identifier: GPL-3.0-or-later
"""The writer of files: in its own thread, one job after the other, and nothing is lost at the end."""

import threading

import pytest

from blender_text3d.worker.batch.file_writer import MAX_WAITING, FileWriter

WAIT_S = 60.0


class Job:
    """A made job whose files are complete once `may_write` is set."""

    def __init__(self, reason="", journal_error=None):
        self.reason, self.journal_error = reason, journal_error
        self.may_write, self.is_writing = threading.Event(), threading.Event()
        self.thread = None
        self.has_ended = False

    def write_files(self, result):
        self.thread = threading.current_thread()
        self.is_writing.set()
        assert self.may_write.wait(WAIT_S)
        self.has_ended = True


def ready(**failure):
    job = Job(**failure)
    job.may_write.set()
    return job


def test_without_a_way_to_report_failures_files_are_written_at_once():
    job = ready()
    FileWriter().complete(job, None)
    assert (job.has_ended, job.thread) == (True, threading.current_thread())


def test_files_are_written_in_another_thread_in_order_until_none_is_left():
    writer, jobs = FileWriter(on_failure=pytest.fail), [Job(), ready()]
    for job in jobs:
        writer.complete(job, None)
    assert jobs[0].is_writing.wait(WAIT_S)
    assert not jobs[1].is_writing.is_set()
    jobs[0].may_write.set()
    writer.drain()
    assert [job.has_ended for job in jobs] == [True, True]
    assert jobs[0].thread is jobs[1].thread is not threading.current_thread()


def test_a_writer_that_was_never_used_is_drained_at_once():
    FileWriter(on_failure=pytest.fail).drain()


def test_without_memory_for_a_thread_files_are_written_at_once(monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    job = ready()
    FileWriter(on_failure=pytest.fail).complete(job, None)
    assert job.has_ended


@pytest.mark.parametrize(
    ("failure", "must_restart"),
    [
        ({"reason": "out_of_memory"}, True),
        ({"reason": "disk_full"}, False),
        ({"journal_error": OSError(28, "full")}, False),
    ],
)  # fmt: skip
def test_a_failure_that_the_process_must_answer_is_reported(failure, must_restart):
    failures = []
    writer = FileWriter(on_failure=lambda: failures.append((writer.must_restart, writer.journal_error)))
    writer.complete(ready(**failure), None)
    writer.complete(ready(), None)
    writer.drain()
    error = failure.get("journal_error")
    is_answered = must_restart or error is not None
    assert failures[:1] == [(must_restart, error)] * is_answered
    if error:
        with pytest.raises(OSError, match="full"):
            writer.raise_error()
    writer.raise_error()


def test_files_wait_for_the_objects_of_the_batch():
    writer, job = FileWriter(on_failure=pytest.fail), ready()
    with writer.objects_first():
        writer.complete(job, None)
        assert not job.is_writing.wait(0.1)
    writer.drain()
    assert job.has_ended


def test_files_wait_only_so_long_for_slow_objects(monkeypatch):
    monkeypatch.setattr("blender_text3d.worker.batch.file_writer.MAX_DELAY_S", 0.01)
    writer, job = FileWriter(on_failure=pytest.fail), ready()
    with writer.objects_first():
        writer.complete(job, None)
        writer.drain()
        assert job.has_ended


def test_files_do_not_wait_once_many_objects_are_in_memory():
    writer, jobs = FileWriter(on_failure=pytest.fail), [ready() for _ in range(MAX_WAITING + 3)]
    with writer.objects_first():
        for job in jobs:
            writer.complete(job, None)
        assert jobs[0].is_writing.wait(WAIT_S)
    writer.drain()
    assert all(job.has_ended for job in jobs)
