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
from blender_text3d.protocol.events import Finished, Queued
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from blender_text3d.system import machine
from blender_text3d.system.machine import machine_id
from blender_text3d.system.process import is_alive, own_start_token, pid_is_alive, process_start_token

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
