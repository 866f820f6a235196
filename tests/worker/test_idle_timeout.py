# SPDX-License-Identifier: GPL-3.0-or-later
"""The idle timeout of the worker: it applies to the wait for a line and to nothing else."""

import io
import os
import queue
import threading

import pytest

from blender_text3d.worker import idle_timeout
from blender_text3d.worker.idle_timeout import DEFAULT_IDLE_S, IDLE_VARIABLE, LineReader, idle_timeout_s


@pytest.fixture
def pipe():
    """Both ends of a pipe, as text files."""
    out, into = os.pipe()
    with os.fdopen(out, encoding="utf-8") as reader, os.fdopen(into, "w", encoding="utf-8", buffering=1) as writer:
        yield reader, writer


@pytest.mark.parametrize("timeout_s", [None, 60.0])
def test_lines_are_read_in_order_to_the_end(timeout_s):
    lines = LineReader(io.StringIO("one\n\nthree"), timeout_s)
    assert list(lines) == ["one\n", "\n", "three"]
    assert not lines.timed_out


def test_without_a_line_the_reader_times_out(pipe):
    reader, writer = pipe
    lines = LineReader(reader, 0.1)
    assert list(lines) == []
    assert lines.timed_out
    writer.write("a line for the reading thread\n")


def test_each_wait_starts_when_the_next_line_is_requested(monkeypatch):
    waits = []

    class InstantQueue(queue.Queue):
        def get(self, block=True, timeout=None):
            waits.append(timeout)
            return super().get()

    monkeypatch.setattr(idle_timeout.queue, "SimpleQueue", InstantQueue)
    lines = LineReader(io.StringIO("one\ntwo\n"), 0.3)
    pending = iter(lines)
    assert (next(pending), waits) == ("one\n", [0.3])
    assert (next(pending), waits) == ("two\n", [0.3, 0.3])
    assert list(pending) == []
    assert (waits, lines.timed_out) == ([0.3, 0.3, 0.3], False)


def test_an_error_while_reading_is_the_end_and_not_a_timeout(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda arguments: None)
    reader = io.StringIO("one\n")
    reader.close()
    lines = LineReader(reader, 60.0)
    assert list(lines) == []
    assert not lines.timed_out


def test_lines_are_read_even_if_no_thread_can_be_started(monkeypatch):
    class NoThread:
        def __init__(self, **_: object) -> None:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading, "Thread", NoThread)
    assert list(LineReader(io.StringIO("one\n"), 60.0)) == ["one\n"]


@pytest.mark.parametrize(
    ("variable", "timeout_s"),
    [
        ("30", 30.0),
        ("0.5", 0.5),
        ("0", None),
        ("", DEFAULT_IDLE_S),
        ("soon", DEFAULT_IDLE_S),
        ("-1", DEFAULT_IDLE_S),
        ("nan", DEFAULT_IDLE_S),
    ],
)
def test_an_environment_variable_sets_the_timeout(variable, timeout_s):
    assert idle_timeout_s({IDLE_VARIABLE: variable}) == timeout_s


def test_the_default_timeout_is_15_minutes():
    assert idle_timeout_s({}) == DEFAULT_IDLE_S == 900.0


@pytest.mark.parametrize("timeout_s", [None, 60.0])
def test_another_thread_can_end_the_wait(pipe, timeout_s):
    reader, writer = pipe
    lines = LineReader(reader, timeout_s)
    threading.Timer(0.05, lines.stop).start()
    assert list(lines) == []
    assert not lines.timed_out
    writer.write("a line for the reading thread\n")


def test_a_stop_before_the_next_line_is_requested_ends_the_iteration():
    lines = LineReader(io.StringIO("one\ntwo\n"), None)
    pending = iter(lines)
    assert next(pending) == "one\n"
    lines.stop()
    assert list(pending) in ([], ["two\n"])  # the stop comes first, unless the reading thread is faster
