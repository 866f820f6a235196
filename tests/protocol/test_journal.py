# SPDX-License-Identifier: GPL-3.0-or-later
"""Oversized journals: only their start and their end are read."""

import os
import tracemalloc

import pytest

from blender_text3d.protocol import journal as journal_module
from blender_text3d.protocol.events import Finished, Queued
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.journal import END_BYTES, START_BYTES, journal_lines

GIGABYTE = 10**9


def long_journal(folder, *, ends_with: bytes) -> JobFolder:
    job = JobFolder(folder)
    job.journal.write_text(Queued().to_json() + "\n")
    with job.journal.open("ab") as file:
        file.truncate(GIGABYTE)
        file.write(b"\n" + ends_with)
    return job


def test_the_first_and_last_event_of_a_gigabyte_are_read_in_little_memory(tmp_path):
    job = long_journal(tmp_path, ends_with=Finished(elapsed_s=1.0, files={}).to_json().encode() + b"\n")
    tracemalloc.start()
    assert [event.kind for event in job.events()] == ["queued", "finished"]
    assert tracemalloc.get_traced_memory()[1] < 8 * START_BYTES
    tracemalloc.stop()


def test_a_gigabyte_still_gets_one_terminal_event(tmp_path):
    job = long_journal(tmp_path, ends_with=b"half a li")
    for _ in range(2):
        job.append(Finished(elapsed_s=1.0, files={}))
    assert [event.kind for event in job.events()] == ["queued", "finished"]


def test_a_journal_just_longer_than_its_start_is_read_completely(tmp_path):
    journal = tmp_path / "events.jsonl"
    journal.write_bytes(b"x" * (START_BYTES - 3) + b"\nlonger\nlast")
    assert journal_lines(journal)[1:] == ["longer", "last"]


def test_four_megabytes_of_the_start_and_64_kilobytes_of_the_end_are_read():
    assert (START_BYTES, END_BYTES) == (4_194_304, 65_536)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("", [""]),
        ("a\nb\n", ["a", "b", ""]),
        ("a\nbcdefg", ["a", "bcdefg"]),  # exactly the start
        ("a\nbcdefgh", ["a", "bcdefgh"]),
        ("a\nbcdefghij\n", ["a", "bcdefghij", ""]),
        ("a\nbcdefghijk", ["a", "bcdefghijk"]),  # exactly start and end
        ("a\nbcdefghijkl", ["a", "bcdefg", "ijkl"]),
        ("a\nbcdefghijk\nm\n", ["a", "bcdefg", "k", "m", ""]),
    ],
)
def test_what_lies_between_start_and_end_is_left_out(tmp_path, monkeypatch, content, lines):
    monkeypatch.setattr(journal_module, "START_BYTES", 8)
    monkeypatch.setattr(journal_module, "END_BYTES", 4)
    (tmp_path / "events.jsonl").write_text(content)
    assert journal_lines(tmp_path / "events.jsonl") == lines


def test_bytes_that_are_not_text_are_replaced(tmp_path):
    (tmp_path / "events.jsonl").write_bytes(b"a\xffb\nh\xc3\xb6her\r\n")
    assert journal_lines(tmp_path / "events.jsonl") == ["a\ufffdb", "höher\r", ""]


def test_a_pipe_in_place_of_a_journal_is_refused_instead_of_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "events.jsonl")
    with pytest.raises(OSError, match="not a regular file"):
        journal_lines(tmp_path / "events.jsonl")
    assert JobFolder(tmp_path).events() == []
