# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of earlier sessions, sorted by their state."""

import json
import os
from types import SimpleNamespace

import pytest

from blender_text3d.addon.jobs import job_scan, orphan_jobs
from blender_text3d.addon.state.problem import Problem
from blender_text3d.client.other_jobs import EARLIER_SESSION, OTHER_BLENDER
from blender_text3d.protocol.events import Cancelled, Failed, Finished
from blender_text3d.protocol.job_folder import DRAFT_NAME, JobFolder
from blender_text3d.system import run_steps

FINISHED = Finished(elapsed_s=1.0, files={})
FAILED = Failed(message="It failed.", reason="worker_died", fix="Try again.")


@pytest.fixture
def jobs_dir(tmp_path):
    return tmp_path / "data" / "jobs"


@pytest.fixture(autouse=True)
def no_scan(monkeypatch):
    job_scan.forget()
    monkeypatch.setattr(orphan_jobs, "_next_poll_s", 0.0)


def claim(folder, pid):
    """Claim a job for another process of this machine."""
    folder.claim()
    path = folder.path / "claim.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "pid": pid, "started": ""}))


def dead_pid(folder):
    return folder.events()[0].pid


def lists_of(state):
    return {name: [job.job_id for job in getattr(state, name)] for name in ("ready", "unclaimed", "orphaned")}


def test_finished_and_running_jobs_are_listed_newest_first_and_waiting_ones_in_order(clean_state, new_folder, jobs_dir):
    for number in (1, 2):
        new_folder(f"finished-{number}", FINISHED)
        new_folder(f"queued-{number}")
        claim(new_folder(f"running-{number}"), os.getpid())
    job_scan.scan_all(jobs_dir)
    assert lists_of(clean_state) == {
        "ready": ["finished-2", "finished-1"],
        "unclaimed": ["queued-1", "queued-2"],
        "orphaned": ["running-2", "running-1"],
    }


def test_drafts_of_live_are_in_no_list_and_those_of_a_killed_blender_are_deleted(
    clean_state, new_folder, jobs_dir, monkeypatch
):
    monkeypatch.setattr(job_scan, "MAX_JOBS", 2)
    left, kept = new_folder("1", FINISHED), new_folder("2", FINISHED)
    drafts = [left, new_folder("4"), new_folder("3", FINISHED, pid=os.getppid()), new_folder("5", pid=os.getppid())]
    for draft in drafts:
        (draft.path / DRAFT_NAME).touch()
    job_scan.scan_all(jobs_dir)
    assert lists_of(clean_state) == {"ready": [], "unclaimed": [], "orphaned": []}
    assert [draft.path.exists() for draft in drafts] == [False, False, True, True]
    assert kept.path.exists()


def test_jobs_of_a_living_session_and_those_that_have_ended_are_left(clean_state, new_folder, jobs_dir):
    other = os.getppid()
    new_folder("finished", FINISHED, pid=other)
    new_folder("queued", pid=other)
    claim(new_folder("running", pid=other), os.getpid())
    new_folder("failed", FAILED)
    new_folder("canceled", Cancelled(stage="sample", index=1))
    new_folder("imported", FINISHED).mark_imported()
    (jobs_dir / "no request").mkdir()
    job_scan.scan_all(jobs_dir)
    assert lists_of(clean_state) == {"ready": [], "unclaimed": [], "orphaned": []}


def test_unfinished_jobs_of_other_processes_are_listed_with_running_ones_of_earlier_sessions(
    clean_state, new_folder, jobs_dir
):
    other = os.getppid()
    new_folder("waiting", pid=other)
    claim(new_folder("running", pid=other), other)
    claim(new_folder("earlier"), other)
    new_folder("unclaimed")
    new_folder("finished", FINISHED, pid=other)
    job_scan.scan_all(jobs_dir)
    assert [(job.folder.job_id, job.owner) for job in job_scan.listed_others()] == [
        ("earlier", EARLIER_SESSION), ("running", OTHER_BLENDER), ("waiting", OTHER_BLENDER),
    ]  # fmt: skip
    assert lists_of(clean_state) == {"ready": [], "unclaimed": ["unclaimed"], "orphaned": ["earlier"]}


def test_of_ten_thousand_known_jobs_and_a_new_one_only_the_new_one_is_read(clean_state, jobs_dir, monkeypatch):
    names, read = [f"{number:05}" for number in range(10_000)], []
    monkeypatch.setattr(job_scan, "all_names_in", lambda folder: list(names))
    monkeypatch.setattr(job_scan, "classify", lambda folder, found: read.append(folder.job_id))
    monkeypatch.setattr(JobFolder, "is_claimed", lambda folder: True)
    job_scan.scan_all(jobs_dir)
    assert len(read) == 200
    read.clear()
    names.append("10000")
    job_scan.start_scan_of_new(jobs_dir)
    while job_scan.is_scanning():
        job_scan.scan_for()
    assert read == ["10000"]


def test_new_jobs_are_added_to_the_lists_and_those_of_another_folder_replace_them(
    clean_state, new_folder, jobs_dir, tmp_path
):
    new_folder("job-1", FINISHED)
    job_scan.scan_all(jobs_dir)
    new_folder("job-2", FINISHED)
    new_folder("job-3", pid=os.getppid())
    (new_folder("job-4", pid=os.getppid()).path / DRAFT_NAME).touch()
    for folder in (jobs_dir, jobs_dir, tmp_path / "other"):
        assert lists_of(clean_state)["ready"] != []
        job_scan.start_scan_of_new(folder)
        while job_scan.is_scanning():
            job_scan.scan_for()
        expected = (["job-2", "job-1"], ["job-3"]) if folder == jobs_dir else ([], [])
        assert (lists_of(clean_state)["ready"], list(clean_state.others)) == expected


@pytest.mark.parametrize("is_new", [False, True])
def test_of_too_many_jobs_of_others_the_last_ones_wait_until_there_is_room(
    clean_state, new_folder, jobs_dir, monkeypatch, is_new
):
    monkeypatch.setattr(job_scan, "MAX_OTHERS", 2)
    if is_new:
        job_scan.scan_all(jobs_dir)
    for number in range(4):
        new_folder(f"job-{number}", pid=os.getppid())
    claim(JobFolder(jobs_dir / "job-0"), os.getppid())
    listed = []
    for _ in range(2):
        job_scan.start_scan_of_new(jobs_dir)
        while job_scan.is_scanning():
            job_scan.scan_for()
        listed.append([job.folder.job_id for job in job_scan.listed_others()])
        assert not job_scan.has_left_out()
        for name in listed[-1]:
            del clean_state.others[name]
        assert job_scan.has_left_out() == (len(listed) == 1)
    assert listed == [["job-0", "job-1"], ["job-2", "job-3"]]


def test_jobs_of_this_session_are_not_listed(clean_state, new_folder, new_job, jobs_dir):
    new_job("mine")
    new_folder("mine", FINISHED)
    job_scan.scan_all(jobs_dir)
    assert clean_state.ready == []


def test_a_job_whose_worker_is_gone_gets_its_last_event(clean_state, new_folder, jobs_dir):
    folder = new_folder("interrupted")
    claim(folder, dead_pid(folder))
    job_scan.scan_all(jobs_dir)
    assert folder.last_event().reason == "interrupted"
    assert lists_of(clean_state) == {"ready": [], "unclaimed": [], "orphaned": []}


def test_a_last_event_that_cannot_be_written_does_not_end_the_scan(clean_state, new_folder, jobs_dir, monkeypatch):
    folder = new_folder("interrupted")
    claim(folder, dead_pid(folder))
    new_folder("finished", FINISHED)
    monkeypatch.setattr(JobFolder, "append", lambda *_: (_ for _ in ()).throw(OSError("read-only")))
    job_scan.scan_all(jobs_dir)
    assert lists_of(clean_state)["ready"] == ["finished"]


def test_only_the_newest_200_jobs_and_older_unclaimed_ones_are_read_one_per_step(clean_state, jobs_dir, monkeypatch):
    read = []
    monkeypatch.setattr(job_scan, "classify", lambda folder, *lists: read.append(folder.path))
    for number in range(203):
        (jobs_dir / f"{number:03}").mkdir(parents=True)
    (jobs_dir / "002" / "claim.json").touch()
    (jobs_dir / "000" / "claim.json").touch()
    clean_state.ready = ["of the last scan"]
    for steps, _ in enumerate(job_scan.scan(jobs_dir), 1):
        assert len(read) == min(steps, 200 if steps < 202 else 201)
        assert clean_state.ready == ["of the last scan"]
    assert read == [jobs_dir / f"{number:03}" for number in (*range(202, 2, -1), 1)]
    assert clean_state.ready == []


def test_a_scan_goes_on_for_its_time_of_each_tick(clean_state, new_folder, jobs_dir, monkeypatch):
    ticks = iter(range(1000))
    monkeypatch.setattr(run_steps, "time", SimpleNamespace(perf_counter=lambda: 0.001 * next(ticks)))
    for number in range(7):
        new_folder(f"job-{number}", FINISHED)
    assert not job_scan.is_scanning()
    job_scan.scan_for()
    job_scan.start_scan(jobs_dir)
    calls = 0
    while job_scan.is_scanning():
        assert clean_state.ready == []
        job_scan.scan_for()
        calls += 1
    assert (calls, len(clean_state.ready)) == (3, 7)  # of 4 ms, 3 folders each, and the end


def test_orphans_are_polled_in_turn_and_at_most_twice_a_second(clean_state, new_folder, monkeypatch):
    clock = SimpleNamespace(now=10.0)
    monkeypatch.setattr(orphan_jobs, "time", SimpleNamespace(monotonic=lambda: clock.now))
    folders = [new_folder(f"running-{number}") for number in range(3)]
    for folder in folders:
        claim(folder, os.getpid())
    clean_state.orphaned = list(folders)
    first = []
    for clock.now in (10.0, 10.4, 10.5, 10.9, 11.0, 11.6):
        orphan_jobs.poll_one()
        first.append(clean_state.orphaned[0].job_id)
    assert first == [f"running-{number}" for number in (1, 1, 2, 2, 0, 1)]


def test_an_orphan_that_has_finished_is_the_first_to_offer(clean_state, new_folder):
    older, folder = new_folder("job-1", FINISHED), new_folder("job-2", FINISHED)
    clean_state.ready, clean_state.orphaned = [older], [folder]
    clean_state.others = {"job-2": None}
    orphan_jobs.poll_one()
    assert clean_state.others == {}
    assert (clean_state.ready, clean_state.orphaned, clean_state.problem) == ([folder, older], [], None)


def test_an_orphan_that_failed_is_a_problem_unless_there_is_one(clean_state, new_folder, monkeypatch):
    monkeypatch.setattr(orphan_jobs, "POLL_EVERY_S", 0.0)
    first, second = new_folder("job-1", FAILED), new_folder("job-2", FAILED)
    clean_state.orphaned = [first, second]
    orphan_jobs.poll_one()
    assert clean_state.problem == Problem("It failed.", "Try again.", "worker_died", first.path, "mini/shap-e")
    orphan_jobs.poll_one()
    assert clean_state.problem.job_path == first.path
    assert clean_state.orphaned == []


def test_without_orphans_nothing_is_polled(clean_state):
    orphan_jobs.poll_one()
    assert orphan_jobs._next_poll_s == 0.0


def test_a_dismissed_orphan_is_canceled_and_never_offered(clean_state, new_folder):
    folder, other = new_folder("job-1"), new_folder("job-2")
    clean_state.orphaned = [folder, other]
    orphan_jobs.abandon(folder)
    assert clean_state.orphaned == [other]
    assert (folder.is_cancel_requested(), folder.is_imported()) == (True, True)
    assert (other.is_cancel_requested(), other.is_imported()) == (False, False)


def test_an_orphan_in_a_folder_that_is_gone_can_be_dismissed(clean_state, tmp_path):
    folder = JobFolder(tmp_path / "gone")
    clean_state.orphaned = [folder]
    orphan_jobs.abandon(folder)
    assert clean_state.orphaned == []


def test_the_model_of_an_invalid_request_is_unknown(new_folder):
    folder = new_folder("job-1", model="mini/point-e")
    assert orphan_jobs.model_of(folder) == "mini/point-e"
    folder.request.write_text("{}")
    assert orphan_jobs.model_of(folder) == ""
