# SPDX-License-Identifier: GPL-3.0-or-later
"""Descriptors 1 and 2 during a job, and stdin before it."""

import io
import os
import sys

import pytest

from blender_text3d.worker.standard_streams import private_stdin, redirect_output


def test_output_is_appended_to_the_log_during_a_job_and_goes_to_the_streams_after_it(tmp_path, capfd):
    log = tmp_path / "worker.log"
    log.write_text("earlier\n")
    open_before = len(os.listdir("/proc/self/fd"))
    os.write(1, b"before\n")
    with redirect_output(log):
        os.write(1, b"one\n")
        os.write(2, b"two\n")
    os.write(1, b"after\n")
    os.write(2, b"error\n")
    assert log.read_text() == "earlier\none\ntwo\n"
    assert capfd.readouterr() == ("before\nafter\n", "error\n")
    assert len(os.listdir("/proc/self/fd")) == open_before


def test_text_that_python_still_buffers_goes_to_where_it_was_printed(tmp_path, capfd, monkeypatch):
    log = tmp_path / "worker.log"
    stream = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), write_through=False)
    monkeypatch.setattr(sys, "stdout", stream)
    print("before")
    with redirect_output(log):
        print("during")
    assert log.read_text() == "during\n"
    assert capfd.readouterr().out == "before\n"


def test_after_an_error_the_streams_are_as_before(tmp_path, capfd):
    with pytest.raises(ZeroDivisionError), redirect_output(tmp_path / "worker.log"):
        raise ZeroDivisionError
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "after\n"


def test_a_log_that_cannot_be_opened_raises_and_changes_nothing(tmp_path, capfd):
    with pytest.raises(FileNotFoundError), redirect_output(tmp_path / "none" / "worker.log"):
        pass
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "after\n"


def test_streams_that_are_missing_or_broken_do_not_stop_a_job(tmp_path, monkeypatch):
    class Broken(io.StringIO):
        def flush(self):
            raise OSError("the disk is full")

    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", Broken())
    monkeypatch.setattr(sys, "stderr", closed)
    with redirect_output(tmp_path / "worker.log"):
        os.write(1, b"one\n")
    assert (tmp_path / "worker.log").read_text() == "one\n"


def test_stdin_is_moved_to_another_descriptor_and_nothing_is_left_in_its_place(tmp_path):
    (tmp_path / "commands").write_bytes(b"one\n\xff\xce\xbb\n")
    saved, commands = os.dup(0), os.open(tmp_path / "commands", os.O_RDONLY)
    os.dup2(commands, 0)
    os.close(commands)
    try:
        with private_stdin() as lines:
            assert lines.fileno() > 2
            assert os.read(0, 100) == b""
            assert list(lines) == ["one\n", "\ufffdλ\n"]
    finally:
        os.dup2(saved, 0)
        os.close(saved)
