# SPDX-License-Identifier: GPL-3.0-or-later
"""Import claims: one of several Blenders imports a finished job, even if others crash."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from blender_text3d.client import import_claim, recovery
from blender_text3d.client.import_claim import claim_import, claim_path, mark_imported, release_import
from blender_text3d.protocol.claim import INCOMPLETE_CLAIM, read_claim
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Finished, Queued
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests

REPOSITORY = Path(__file__).parents[2]
PROCESS_COUNT = 6
# Waits for a signal, tries to claim the import, prints the result, and stays until the next signal.
CLAIMER = """
import sys, time
from pathlib import Path
from blender_text3d.client.import_claim import claim_import
from blender_text3d.protocol.job_folder import JobFolder
print("ready", flush=True)
sys.stdin.readline()
print(claim_import(JobFolder(Path(sys.argv[1]))), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def job(tmp_path) -> JobFolder:
    job = create_job(tmp_path, make_requests("a red chair")[0])
    job.append(Finished(elapsed_s=1.0, files={}))
    return job


@pytest.fixture
def start_claimer(job):
    """A function that starts processes which try to claim the import; they are killed afterwards."""
    processes = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "-c", CLAIMER, str(job.path)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
        processes.append(subprocess.Popen(command, cwd=REPOSITORY, **pipes))
        assert processes[-1].stdout.readline() == "ready\n"
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def signal_start(process: subprocess.Popen) -> None:
    process.stdin.write("go\n")


def has_claimed(process: subprocess.Popen) -> bool:
    return process.stdout.readline() == "True\n"


def test_one_of_many_processes_imports_the_object(start_claimer):
    processes = [start_claimer() for _ in range(PROCESS_COUNT)]
    for process in processes:
        signal_start(process)
    assert [has_claimed(process) for process in processes].count(True) == 1


def test_an_import_belongs_to_its_process_until_that_dies(job, start_claimer):
    first = start_claimer()
    signal_start(first)
    assert has_claimed(first)
    assert not claim_import(job)
    first.kill()
    first.wait()
    processes = [start_claimer() for _ in range(PROCESS_COUNT)]
    for process in processes:
        signal_start(process)
    assert [has_claimed(process) for process in processes].count(True) == 1


def test_an_object_imported_by_a_dead_process_is_not_imported_again(job, start_claimer):
    first = start_claimer()
    signal_start(first)
    assert has_claimed(first)
    assert job.mark_imported()
    first.kill()
    first.wait()
    assert not claim_import(job)


def test_a_failed_import_is_released(job, start_claimer):
    assert claim_import(job)
    release_import(job)
    second = start_claimer()
    signal_start(second)
    assert has_claimed(second)


def test_a_process_may_try_again_itself(job):
    assert claim_import(job)
    assert claim_import(job)
    assert job.mark_imported()
    assert not claim_import(job)


def test_the_claim_of_another_machine_is_kept(job):
    claim = {"pid": 2**22 + 1, "host": "another", "machine": "another"}
    (job.path / "importing-0.json").write_text(json.dumps(claim))
    assert not claim_import(job)


def test_a_recent_incomplete_claim_is_respected(job):
    (job.path / "importing-0.json").write_text('{"pid"')
    assert INCOMPLETE_CLAIM.pid == 0
    assert not claim_import(job)


def write_journal(job: JobFolder, queued: Queued, ended_before_s: float = 0.0) -> JobFolder:
    end = Finished(elapsed_s=1.0, files={}, time=time.time() - ended_before_s)
    job.journal.write_text(f"{queued.to_json()}\n{end.to_json()}\n")
    return job


def test_an_object_is_offered_when_its_blender_is_gone(job, start_claimer):
    living = start_claimer()
    assert not recovery.should_offer_import(write_journal(job, Queued(pid=living.pid)))
    living.kill()
    living.wait()
    assert recovery.should_offer_import(write_journal(job, Queued(pid=living.pid)))
    assert recovery.should_offer_import(write_journal(job, Queued()))


def test_objects_of_the_command_line_are_never_offered(job, tmp_path):
    gone = Queued(pid=2**22 + 1, is_for_blender=False)
    assert not recovery.should_offer_import(write_journal(job, gone))
    assert not recovery.is_orphaned(job)
    (remaining,) = [create_job(tmp_path, make_requests("a blue car")[0], is_for_blender=False)]
    assert not recovery.is_orphaned(remaining)


def test_an_object_of_another_machine_is_offered_after_a_day(job):
    elsewhere = Queued(pid=1, host="another", machine="another")
    assert not recovery.should_offer_import(write_journal(job, elsewhere))
    assert recovery.should_offer_import(write_journal(job, elsewhere, ended_before_s=2 * recovery.OTHER_MACHINE_S))


DEAD = {"pid": 2**22 + 1}


def claims_of(job: JobFolder) -> list[str]:
    return sorted(path.name for path in job.path.glob("importing-*"))


def write_claims(job: JobFolder, *claims: dict) -> None:
    host = job.events()[0].host
    for number, claim in enumerate(claims):
        claim_path(job, number).write_text(json.dumps({"host": host} | claim))


def test_the_first_claim_has_the_number_0(job):
    assert claim_import(job) is True
    assert claims_of(job) == ["importing-0.json"]
    assert claim_path(job, 0) == job.path / "importing-0.json"


def test_after_dead_processes_the_next_number_is_claimed_and_their_claims_stay(job):
    write_claims(job, DEAD, DEAD)
    assert claim_import(job) is True
    assert claims_of(job) == ["importing-0.json", "importing-1.json", "importing-2.json"]
    assert read_claim(claim_path(job, 2)).is_own_process()


def test_a_living_process_behind_a_dead_one_keeps_its_claim(job):
    write_claims(job, DEAD, {"pid": os.getppid()})
    assert claim_import(job) is False
    assert claims_of(job) == ["importing-0.json", "importing-1.json"]


def test_a_claim_of_this_process_id_before_a_restart_is_abandoned(job):
    write_claims(job, {"pid": os.getpid(), "started": "another start"})
    assert claim_import(job) is True
    assert claims_of(job) == ["importing-0.json", "importing-1.json"]


def test_only_an_old_incomplete_claim_is_abandoned(job):
    claim_path(job, 0).write_text('{"pid"')
    assert claim_import(job) is False
    old = time.time() - 60
    os.utime(claim_path(job, 0), (old, old))
    assert claim_import(job) is True
    assert claims_of(job) == ["importing-0.json", "importing-1.json"]


def test_a_claim_that_vanishes_while_it_is_read_is_tried_again(job, monkeypatch):
    write_claims(job, {"pid": os.getppid()})

    def remove_and_read(path: Path) -> None:
        path.unlink()
        monkeypatch.setattr(import_claim, "read_claim", read_claim)

    monkeypatch.setattr(import_claim, "read_claim", remove_and_read)
    assert claim_import(job) is True
    assert claims_of(job) == ["importing-0.json"]


def test_a_claim_on_an_imported_object_is_released_at_once(job):
    assert job.mark_imported()
    write_claims(job, DEAD)
    assert claim_import(job) is False
    assert claims_of(job) == ["importing-0.json"]


def test_release_removes_the_claims_of_this_process_alone(job):
    write_claims(job, DEAD, {"pid": os.getpid()}, {"pid": os.getppid()}, {"pid": os.getpid()})
    release_import(job)
    assert claims_of(job) == ["importing-0.json", "importing-2.json"]


def test_in_a_folder_that_cannot_be_written_each_process_may_import(job, tmp_path):
    gone = JobFolder(tmp_path / "gone")
    assert claim_import(gone) is True
    mark_imported(gone)
    release_import(gone)
    assert not gone.path.exists()


def test_a_claim_that_cannot_be_removed_is_kept_and_the_next_one_removed(job, monkeypatch):
    def refuse_first(path: Path, *, remove=Path.unlink) -> None:
        if path == claim_path(job, 0):
            raise PermissionError
        remove(path)

    write_claims(job, {"pid": os.getpid()}, {"pid": os.getpid()})
    monkeypatch.setattr(Path, "unlink", refuse_first)
    release_import(job)
    monkeypatch.undo()
    assert claims_of(job) == ["importing-0.json"]


def test_an_import_is_marked(job):
    mark_imported(job)
    mark_imported(job)
    assert job.is_imported()
