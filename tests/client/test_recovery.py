# SPDX-License-Identifier: GPL-3.0-or-later
"""Recovery of jobs left by earlier sessions, other machines and crashes."""

import json
import os
import platform
import subprocess
import sys
import time

import pytest

from blender_text3d.client import recovery
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Cancelled, Failed, Finished, Queued
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from blender_text3d.system import machine
from blender_text3d.system.machine import machine_id
from blender_text3d.system.process import is_alive, own_start_token, pid_is_alive, process_start_token
from tests.client.recorded_worker import Clock

HERE = platform.node()


@pytest.fixture(autouse=True)
def system_id(monkeypatch):
    """A machine with a system ID, which small systems lack."""
    machine_id.cache_clear()
    monkeypatch.setattr(machine, "_system_id", lambda: "0123")
    yield
    machine_id.cache_clear()


@pytest.fixture(scope="module")
def dead_pid() -> int:
    """The ID of a process that has just exited."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def job(tmp_path) -> JobFolder:
    return create_job(tmp_path, make_requests("a red chair")[0])


def claim(job: JobFolder, pid: int, host: str = HERE, **more: object) -> None:
    values = {"pid": pid, "parent": 1, "host": host, "time": 0.0, **more}
    (job.path / "claim.json").write_text(json.dumps(values))


def test_a_finished_job_waits_for_import_until_it_is_marked(job, tmp_path):
    assert job.claim()
    job.append(Finished(elapsed_s=1.0, files={}))
    assert recovery.finished_but_not_imported(tmp_path) == [job]
    job.mark_imported()
    assert recovery.finished_but_not_imported(tmp_path) == []


def test_a_job_whose_worker_is_gone_is_interrupted_once(job, tmp_path, dead_pid):
    claim(job, dead_pid)
    assert recovery.state(job) == "interrupted"
    assert recovery.interrupted(tmp_path) == [job]
    assert (job.last_event().reason, recovery.state(job)) == ("interrupted", "failed")
    assert recovery.interrupted(tmp_path) == []


def test_a_job_whose_worker_is_alive_is_running(job, tmp_path):
    claim(job, os.getpid())
    assert recovery.state(job) == "running"
    assert recovery.interrupted(tmp_path) == []


def test_a_job_claimed_on_another_machine_is_left_to_it(job, tmp_path, dead_pid):
    claim(job, dead_pid, host="another-machine")
    assert recovery.state(job) == "elsewhere"
    assert recovery.interrupted(tmp_path) == recovery.queued(tmp_path) == []
    assert job.last_event().kind == "queued"


def test_a_job_finished_on_another_machine_is_finished(job, tmp_path, dead_pid):
    claim(job, dead_pid, host="another-machine")
    job.append(Finished(elapsed_s=1.0, files={}))
    assert recovery.finished_but_not_imported(tmp_path) == [job]


def test_an_incomplete_claim_counts_as_running_only_while_it_is_new(job):
    (job.path / "claim.json").write_text('{"pid"')
    assert recovery.state(job) == "running"
    old = time.time() - 3600
    os.utime(job.path / "claim.json", (old, old))
    assert recovery.state(job) == "interrupted"


def test_an_incomplete_claim_from_the_future_is_old_because_the_clock_was_set_back(job):
    (job.path / "claim.json").write_text('{"pid"')
    later = time.time() + 3600
    os.utime(job.path / "claim.json", (later, later))
    assert recovery.state(job) == "interrupted"


def test_a_job_submitted_by_this_process_is_queued(job, tmp_path):
    assert recovery.queued(tmp_path) == [job]
    assert recovery.state(job) == "queued"


@pytest.mark.parametrize(("submitter", "is_resumed"), [("dead", True), ("parent", False), ("elsewhere", False)])
def test_a_queued_job_is_resumed_only_if_its_submitter_is_gone(job, tmp_path, dead_pid, submitter, is_resumed):
    pid = os.getppid() if submitter == "parent" else dead_pid
    host = "another-machine" if submitter == "elsewhere" else HERE
    job.journal.write_text(Queued(pid=pid, host=host).to_json() + "\n")
    assert recovery.queued(tmp_path) == ([job] if is_resumed else [])


def test_other_folders_are_not_listed_as_jobs(job, tmp_path):
    (tmp_path / ".20260101-chair.part").mkdir()
    (tmp_path / ".20260101-chair.part" / "request.json").write_text("{}")
    (tmp_path / "worker-1.log").write_text("hello")
    (tmp_path / "empty").mkdir()
    assert recovery.job_folders(tmp_path) == [job]


def test_a_missing_jobs_folder_has_no_jobs(tmp_path):
    gone = tmp_path / "gone"
    assert recovery.finished_but_not_imported(gone) == recovery.interrupted(gone) == recovery.queued(gone) == []


def test_a_job_without_any_event_is_not_lost(job, tmp_path):
    job.journal.unlink()
    assert recovery.state(job) == "queued"
    assert recovery.job_folders(tmp_path) == [job]


def test_processes_are_alive_until_they_end(dead_pid):
    assert pid_is_alive(os.getpid())
    assert pid_is_alive(os.getppid())
    assert not pid_is_alive(dead_pid)
    assert not pid_is_alive(0)
    assert not pid_is_alive(-1)


ANOTHER_START = "another start"


def test_a_reused_pid_is_not_the_worker(job, tmp_path):
    claim(job, os.getpid(), started=ANOTHER_START)
    assert recovery.state(job) == "interrupted"
    assert recovery.is_abandoned(job)
    assert recovery.interrupted(tmp_path) == [job]


def test_the_worker_is_known_by_its_pid_and_start_token(job):
    claim(job, os.getppid(), started=process_start_token(os.getppid()))
    assert recovery.state(job) == "running"


def test_a_reused_pid_is_not_the_submitter(job, tmp_path):
    queue(job, Queued(pid=os.getppid(), started=ANOTHER_START))
    assert recovery.queued(tmp_path) == [job]
    queue(job, Queued(pid=os.getppid(), started=process_start_token(os.getppid())))
    assert recovery.queued(tmp_path) == []


def test_a_process_of_an_earlier_boot_is_gone():
    boot, space, ticks = own_start_token().split()
    assert is_alive(os.getpid(), f"{boot} {space} {ticks}")
    assert not is_alive(os.getpid(), f"{'0' * len(boot)} {space} {ticks}")


def test_a_process_of_another_container_may_be_alive(dead_pid):
    boot, _, ticks = own_start_token().split()
    assert is_alive(dead_pid, f"{boot} pid:[1] {ticks}")


def test_a_renamed_machine_knows_its_jobs(job, tmp_path, dead_pid, monkeypatch):
    assert job.claim()
    (job.path / "claim.json").unlink()
    claim(job, dead_pid, machine=machine_id(), started="any")
    monkeypatch.setattr(machine.platform, "node", lambda: "renamed-by-the-network")
    assert recovery.state(job) == "interrupted"
    (job.path / "claim.json").unlink()
    assert recovery.queued(tmp_path) == [job]


def test_another_machine_with_the_same_host_name_is_not_this_one(job, tmp_path, dead_pid):
    queue(job, Queued(pid=dead_pid, host=HERE, machine="another"))
    assert recovery.queued(tmp_path) == []
    claim(job, dead_pid, host=HERE, machine="another")
    assert recovery.state(job) == "elsewhere"


def test_a_claim_of_a_newer_version_is_read(job):
    claim(job, os.getpid(), field_of_a_newer_version=1)
    assert (recovery.state(job), job.claimed_by().pid) == ("running", os.getpid())


def queue(job: JobFolder, queued: Queued) -> None:
    job.journal.write_text(queued.to_json() + "\n")


NOW = 1_800_000_000.0
DAY_S = 86_400.0


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock(NOW)
    monkeypatch.setattr(recovery, "time", clock)
    return clock


@pytest.mark.parametrize(
    ("age_s", "is_old"), [(0.0, False), (10.0, False), (10.5, True), (-10.0, False), (-10.5, True), (3600.0, True)]
)
def test_a_file_is_old_after_ten_seconds(tmp_path, clock, age_s, is_old):
    (tmp_path / "claim.json").touch()
    os.utime(tmp_path / "claim.json", (NOW, NOW - age_s))
    assert recovery.is_old(tmp_path / "claim.json") is is_old


def test_a_file_that_is_gone_is_old(tmp_path):
    assert recovery.is_old(tmp_path / "claim.json")


def test_jobs_are_listed_oldest_first(tmp_path):
    for name in ("20260103-b", "20260101-c", "20260102-a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "request.json").touch()
    (tmp_path / "20260104-d" / "request.json").mkdir(parents=True)
    names = [job.job_id for job in recovery.job_folders(str(tmp_path))]
    assert names == ["20260101-c", "20260102-a", "20260103-b"]
    assert recovery.job_folders(tmp_path / "20260101-c" / "request.json") == []


@pytest.mark.parametrize(
    "end",
    [Finished(elapsed_s=1.0, files={}), Cancelled(stage="sample", index=1), Failed(message="", reason="", fix="")],
    ids=lambda end: end.kind,
)
@pytest.mark.parametrize("is_claimed", [True, False])
def test_the_state_of_a_job_that_ended_is_its_last_event(job, tmp_path, dead_pid, end, is_claimed):
    if is_claimed:
        claim(job, dead_pid)
    job.append(end)
    assert recovery.state(job) == end.kind
    assert recovery.finished_but_not_imported(tmp_path) == ([job] if end.kind == "finished" else [])
    assert recovery.queued(tmp_path) == recovery.interrupted(tmp_path) == []


def test_an_unclaimed_job_is_not_abandoned(job, dead_pid):
    assert recovery.is_abandoned(job) is False
    claim(job, dead_pid, host="another-machine")
    assert recovery.is_abandoned(job) is False
    claim(job, dead_pid)
    assert recovery.is_abandoned(job) is True


def test_an_interrupted_job_that_cannot_be_written_is_still_returned(job, tmp_path, dead_pid):
    claim(job, dead_pid)
    job.journal.unlink()
    job.journal.mkdir()
    assert recovery.interrupted(tmp_path) == [job]


def test_the_event_of_the_submission_is_found_wherever_it_is(job):
    job.journal.write_text(Finished(elapsed_s=1.0, files={}).to_json() + "\n")
    assert recovery.queued_event(job) is None
    queue(job, Queued(pid=7))
    assert recovery.queued_event(job).pid == 7
    job.journal.write_text('{"kind": "sang"}\n' + Queued(pid=8).to_json() + "\n")
    assert recovery.queued_event(job).pid == 8


@pytest.mark.parametrize(
    ("submitter", "is_resumed", "is_adopted", "is_offered"),
    [
        ({}, True, True, True),
        ({"pid": "dead"}, True, True, True),
        ({"pid": "parent"}, False, False, False),
        ({"pid": "dead", "host": "another"}, False, False, False),
        ({"is_for_blender": False}, True, False, False),
        ({"pid": "dead", "is_for_blender": False}, True, False, False),
        ({"started": ANOTHER_START}, True, True, True),
        ({"pid": "dead", "machine": "another"}, False, False, False),
        (None, False, False, True),
    ],
    ids=str,
)
def test_jobs_are_resumed_adopted_and_imported_by_their_submitter(
    job, dead_pid, submitter, is_resumed, is_adopted, is_offered
):
    pids = {"dead": dead_pid, "parent": os.getppid()}
    if submitter is None:
        job.journal.unlink()
    else:
        queue(job, Queued(**submitter | ({"pid": pids[submitter["pid"]]} if "pid" in submitter else {})))
    assert recovery.submitter_exited(job) is is_resumed
    assert recovery.is_orphaned(job) is is_adopted
    assert recovery.should_offer_import(job) is is_offered


@pytest.mark.parametrize(
    ("age_s", "is_offered"), [(0, False), (DAY_S, False), (DAY_S + 1, True), (-DAY_S, False), (-DAY_S - 1, True)]
)
@pytest.mark.parametrize("is_for_blender", [True, False])
def test_an_object_of_another_machine_is_offered_a_day_after_its_end(job, clock, age_s, is_offered, is_for_blender):
    queued = Queued(pid=1, host="another", is_for_blender=is_for_blender, time=NOW - 9 * DAY_S)
    end = Finished(elapsed_s=1.0, files={}, time=NOW - age_s)
    job.journal.write_text(f"{queued.to_json()}\n{end.to_json()}\n")
    assert recovery.should_offer_import(job) is (is_offered and is_for_blender)


def test_this_process_is_its_own_submitter_with_or_without_a_start_token():
    for started in ("", own_start_token()):
        assert recovery.is_gone_or_own(Queued(started=started))
    assert not recovery.is_gone_or_own(Queued(pid=os.getppid()))
    assert not recovery.is_gone_or_own(Queued(pid=os.getppid(), started=process_start_token(os.getppid())))
