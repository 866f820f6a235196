# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that has nothing to do for long leaves; one that has, or is told to wait for ever, stays."""

import io
import os
import threading
import time

import pytest

from blender_text3d.worker.idle_timeout import DEFAULT_IDLE_S, IDLE_VARIABLE, LineReader, idle_timeout_s


@pytest.fixture
def pipe():
    """Two ends of a pipe of lines."""
    out, into = os.pipe()
    with os.fdopen(out, encoding="utf-8") as reader, os.fdopen(into, "w", encoding="utf-8", buffering=1) as writer:
        yield reader, writer


@pytest.mark.parametrize("within_s", [None, 60.0])
def test_lines_come_in_order_to_their_end(within_s):
    lines = LineReader(io.StringIO("one\n\nthree"), within_s)
    assert list(lines) == ["one\n", "\n", "three"] and not lines.timed_out


def test_a_silence_ends_them(pipe):
    reader, writer = pipe
    writer.write("one\n")
    lines = LineReader(reader, 0.2)
    began = time.monotonic()
    assert list(lines) == ["one\n"] and lines.timed_out and time.monotonic() - began < 30
    writer.write("for the thread that still reads\n")


def test_the_time_counts_from_the_last_line_was_done(pipe):
    reader, writer = pipe
    writer.write("one\ntwo\n")
    lines = LineReader(reader, 0.3)
    done = []
    for line in lines:
        time.sleep(0.4)
        done.append(line)
    assert done == ["one\n", "two\n"]
    writer.write("for the thread that still reads\n")


def test_reading_that_fails_is_an_end_and_no_silence(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda told: None)
    reader = io.StringIO("one\n")
    reader.close()
    lines = LineReader(reader, 60.0)
    assert list(lines) == [] and not lines.timed_out


def test_where_no_thread_can_be_started_lines_still_come(monkeypatch):
    class NoThread:
        def __init__(self, **_: object) -> None:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading, "Thread", NoThread)
    assert list(LineReader(io.StringIO("one\n"), 60.0)) == ["one\n"]


@pytest.mark.parametrize(
    ("asked", "waits_s"),
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
def test_the_environment_says_how_long(asked, waits_s):
    assert idle_timeout_s({IDLE_VARIABLE: asked}) == waits_s and idle_timeout_s({}) == DEFAULT_IDLE_S
