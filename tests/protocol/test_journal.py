# SPDX-License-Identifier: GPL-3.0-or-later
"""Oversized journals: only their start and their end are read."""

import tracemalloc

from blender_text3d.protocol.events import Finished, Queued
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.journal import START_BYTES, journal_lines

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
