# SPDX-License-Identifier: GPL-3.0-or-later
"""Job folders: created completely or not at all, claimed once, ended once."""

import json
import os
import platform
import time
from pathlib import Path

import pytest

from blender_text3d.protocol.create_job import create_job, new_job_id, slug
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.events import Cancelled, Failed, Finished, Progress, Queued
from blender_text3d.protocol.job_folder import MAX_REQUEST_BYTES, JobFolder
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


def test_files_have_the_names_of_version_0_1():
    job = JobFolder(Path("/jobs/a"))
    names = {
        "request": "request.json",
        "journal": "events.jsonl",
        "preview": "preview.npz",
        "cloud": "cloud.npz",
        "mesh": "mesh.npz",
        "latent": "latent.npz",
        "rrd": "job.rrd",
        "log": "worker.log",
        "thumbnail": "thumbnail.png",
        "seen_image": "seen_image.png",
        "views": "views.npz",
        "view_images": "views",
    }
    assert {attribute: getattr(job, attribute) for attribute in names} == {
        attribute: Path("/jobs/a") / name for attribute, name in names.items()
    }
    assert job.job_id == "a"


def test_marks_of_a_job_are_files_that_other_processes_see(job):
    before = time.time()
    assert job.claim() is True
    assert job.mark_imported() is True
    job.request_cancel()
    assert {path.name for path in job.path.iterdir()} == {
        "request.json", "events.jsonl", "claim.json", "imported.json", "cancel",
    }  # fmt: skip
    assert before <= json.loads((job.path / "imported.json").read_text())["time"] <= time.time()
    assert job.is_imported()


def test_a_new_job_is_neither_claimed_nor_imported_nor_cancelled(job):
    assert (job.claimed_by(), job.is_imported(), job.is_cancel_requested()) == (None, False, False)


def test_a_claim_removes_links_and_pipes_through_which_results_would_leave_the_folder(job, tmp_path):
    (tmp_path / "outside").write_text("untouched")
    (job.path / "mesh.npz").symlink_to(tmp_path / "outside")
    os.mkfifo(job.path / "preview.npz")
    assert job.claim()
    assert {path.name for path in job.path.iterdir()} == {"request.json", "events.jsonl", "claim.json"}
    assert (tmp_path / "outside").read_text() == "untouched"


def test_a_claim_that_another_process_has_removes_nothing(job, tmp_path):
    assert job.claim()
    (job.path / "mesh.npz").symlink_to(tmp_path / "outside")
    assert not job.claim()
    assert (job.path / "mesh.npz").is_symlink()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"format": 2}', "Job job has format 2, not 1. Update the add-on."),
        ('{"format": "1"}', "Job job has format '1', not 1. Update the add-on."),
        ("{}", "Job job cannot be used: its request.json is incomplete. Generate the object again."),
        ("[]", "Job job cannot be used: its request.json is incomplete. Generate the object again."),
        ('{"format": 1}', "Job job cannot be used: its request.json is incomplete. Generate the object again."),
        (
            '{"format": 1, "request": 5}',
            "Job job cannot be used: This version does not know 'int' in a request. Update the add-on. "
            "Generate the object again.",
        ),
        (None, "Job job cannot be read (No such file or directory). Generate the object again."),
    ],
)
def test_a_request_that_cannot_be_used_is_refused_with_the_reason(tmp_path, content, message):
    job = JobFolder(tmp_path / "job")
    job.path.mkdir()
    if content is not None:
        job.request.write_text(content)
    with pytest.raises(InvalidJob) as refusal:
        job.read_request()
    assert str(refusal.value) == message


def test_a_request_of_more_than_a_megabyte_is_not_read(job):
    assert MAX_REQUEST_BYTES == 1_048_576
    job.request.write_text(job.request.read_text().ljust(MAX_REQUEST_BYTES))
    assert job.read_request() == REQUEST
    job.request.write_text(job.request.read_text() + " ")
    with pytest.raises(InvalidJob, match="its request.json is incomplete"):
        job.read_request()


def test_a_file_that_an_event_names_may_not_exist_yet(job):
    assert job.own_file("mesh.npz") == job.path / "mesh.npz"
    (job.path / "mesh.npz").write_bytes(b"")
    assert job.own_file("mesh.npz") == job.input_file("mesh.npz") == job.path / "mesh.npz"


@pytest.mark.parametrize("name", ["", "../a", "/a", "a/b", "link.npz", 5, None])
def test_a_name_that_leads_out_of_the_folder_is_refused(job, tmp_path, name):
    (job.path / "link.npz").symlink_to(tmp_path / "gone")
    with pytest.raises(InvalidJob, match=r"^Job .* has no file .*\. Generate the object again\.$"):
        job.own_file(name)


def test_an_input_file_is_a_file_and_not_a_folder(job):
    job.view_images.mkdir()
    with pytest.raises(InvalidJob, match=rf"^Job {job.job_id} has no file 'views'\. Generate the object again\.$"):
        job.input_file("views")
    assert job.input_file("") is None


def test_an_event_is_one_line_of_its_own(job):
    job.journal.write_text("")
    job.append(STEP)
    job.append(STEP)
    assert job.journal.read_text() == f"{STEP.to_json()}\n" * 2
    job.journal.write_text('{"kind"')
    job.append(STEP)
    assert job.journal.read_text() == f'{{"kind"\n{STEP.to_json()}\n'


def test_a_journal_that_is_a_link_is_not_written(job, tmp_path):
    (tmp_path / "outside").write_text("untouched\n")
    job.journal.unlink()
    job.journal.symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="a symbolic link, which may lead out of the job folder"):
        job.append(STEP)
    assert (tmp_path / "outside").read_text() == "untouched\n"


def test_a_step_after_the_end_is_written_but_a_second_end_is_not(job):
    job.append(Finished(elapsed_s=1.0, files={}))
    ended = job.journal.read_text()
    job.append(Cancelled(stage="sample", index=1))
    assert job.journal.read_text() == ended
    job.append(STEP)
    assert job.journal.read_text() == ended + STEP.to_json() + "\n"


def test_a_job_without_a_journal_has_no_events(job):
    job.journal.unlink()
    assert (job.events(), job.last_event()) == ([], None)
