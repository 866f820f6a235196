# SPDX-License-Identifier: GPL-3.0-or-later
"""Job folders: created completely or not at all, claimed once, ended once."""

import os
import platform
import time
from pathlib import Path

import pytest

from blender_text3d.protocol.create_job import create_job, new_job_id, slug
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.events import Cancelled, Failed, Finished, Progress, Queued
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests

REQUEST = make_requests("a red chair", seed=5)[0]
STEP = Progress(stage="sample", index=1, total=2)


@pytest.fixture
def job(tmp_path) -> JobFolder:
    return create_job(tmp_path / "jobs", REQUEST)


def test_a_new_job_contains_its_complete_request_and_is_queued(job):
    assert job.read_request() == REQUEST
    assert [type(event) for event in job.events()] == [Queued]


def test_a_new_job_leaves_nothing_else_in_the_jobs_folder(job):
    assert [path.name for path in job.path.parent.iterdir()] == [job.job_id]


def test_two_jobs_of_one_prompt_in_one_second_differ():
    assert new_job_id("a red chair") != new_job_id("a red chair")


def test_with_the_clock_set_back_a_new_job_still_sorts_last(tmp_path, monkeypatch):
    jobs, real = [create_job(tmp_path, REQUEST).job_id], time.strftime
    monkeypatch.setattr(time, "strftime", lambda form, when=None: real(form, when) if when else "20011231-235900")
    jobs += [create_job(tmp_path, REQUEST).job_id for _ in range(3)]
    assert jobs == sorted(jobs)
    assert len({job[:15] for job in jobs[1:]}) == 3


def test_other_names_and_impossible_times_do_not_change_the_id():
    others = ("worker-12.log", ".x.part", "notes", "99991231-235959-a-chair-000000", "2999", "20269931-235959-x")
    assert new_job_id("a red chair", others)[:9] == time.strftime("%Y%m%d-")


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A Red Chair!", "a-red-chair"),
        ("crème brûlée", "creme-brulee"),
        ("🪑", "object"),
        ("../../etc", "etc"),
        ("x" * 99, "x" * 24),
    ],
)
def test_a_prompt_becomes_a_safe_part_of_a_file_name(prompt, name):
    assert slug(prompt) == name


def test_events_come_back_in_order(job):
    job.append(STEP)
    job.append(Cancelled(stage="sample", index=1))
    assert [event.kind for event in job.events()] == ["queued", "stepped", "cancelled"]
    assert job.last_event() == job.events()[-1]


def test_an_incomplete_line_is_skipped_and_the_next_event_gets_its_own_line(job):
    with job.journal.open("a") as file:
        file.write('{"kind": "step')
    job.append(STEP)
    assert [event.kind for event in job.events()] == ["queued", "stepped"]


def test_a_job_ends_once(job):
    job.append(Cancelled(stage="sample", index=1))
    job.append(Failed(message="m", reason="interrupted", fix="f"))
    assert [event.kind for event in job.events()] == ["queued", "cancelled"]
    assert job.journal.read_text().count("\n") == 2


def test_nothing_is_read_after_the_terminal_event(job):
    job.append(Finished(elapsed_s=1.0, files={}))
    job.append(STEP)
    assert job.last_event().kind == "finished"


def test_only_one_process_gets_the_claim(job):
    assert job.claim()
    assert not job.claim()
    assert (job.claimed_by().pid, job.claimed_by().host) == (os.getpid(), platform.node())


def test_an_incomplete_claim_still_excludes_others(job):
    (job.path / "claim.json").write_text('{"pid"')
    assert not job.claim()
    assert job.claimed_by().pid == 0


def test_an_import_is_marked_once(job):
    assert not job.is_imported()
    assert job.mark_imported()
    assert not job.mark_imported()


def test_a_cancel_request_is_a_file(job):
    assert not job.is_cancel_requested()
    job.request_cancel()
    job.request_cancel()
    assert job.is_cancel_requested()


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        '{"format": 1, "requ',
        "[]",
        '{"format": 1}',
        '{"format": 2}',
        '{"format": 1, "request": {"prompt": ""}}',
    ],
)
def test_a_missing_or_incomplete_request_is_an_invalid_job(tmp_path, content):
    job = JobFolder(tmp_path / "job")
    job.path.mkdir()
    if content is not None:
        job.request.write_text(content)
    with pytest.raises(InvalidJob, match="Job job "):
        job.read_request()


def test_a_missing_folder_is_an_invalid_job_without_events(tmp_path):
    job = JobFolder(tmp_path / "gone")
    assert job.events() == []
    assert job.claimed_by() is None
    with pytest.raises(InvalidJob, match="No such file"):
        job.read_request()


def test_the_error_for_a_read_only_jobs_folder_suggests_a_fix(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidJob, match="cannot be written .* choose another folder"):
        create_job(tmp_path / "file" / "jobs", REQUEST)


def test_a_full_disk_leaves_no_incomplete_job(tmp_path, monkeypatch):
    monkeypatch.setattr(JobFolder, "append", lambda job, event: Path("/dev/full").write_text("x" * 99999))
    with pytest.raises(InvalidJob, match="No space left"):
        create_job(tmp_path / "jobs", REQUEST)
    assert list((tmp_path / "jobs").iterdir()) == []


def test_a_full_disk_leaves_no_empty_claim(job, monkeypatch):
    monkeypatch.setattr("blender_text3d.protocol.job_folder.json.dumps", lambda *_: "\ud800")  # fails while written
    with pytest.raises(UnicodeEncodeError):
        job.claim()
    monkeypatch.undo()
    assert job.claimed_by() is None
    assert job.claim()
