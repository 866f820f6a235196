# SPDX-License-Identifier: GPL-3.0-or-later
"""Import claims: one of several Blenders imports a finished job, even if others crash."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from blender_text3d.client import recovery
from blender_text3d.client.import_claim import claim_import, release_import
from blender_text3d.protocol.claim import INCOMPLETE_CLAIM
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
