# SPDX-License-Identifier: GPL-3.0-or-later
"""Unfinished jobs of other processes: whose they are, how far they are, and when nobody runs them any more."""

import json
import os
import platform
import subprocess
import sys
import time

import pytest

from blender_text3d.client.other_jobs import (
    EARLIER_SESSION,
    OTHER_BLENDER,
    OTHER_MACHINE,
    TERMINAL_SCRIPT,
    read_other_job,
)
from blender_text3d.client.recovery import OTHER_MACHINE_S
from blender_text3d.protocol.events import Cancelled, Failed, Progress, Queued
from blender_text3d.protocol.job_folder import JobFolder
from tests.client.results.jobs import FINISHED
from tests.client.results.jobs import write_job as write_finished_job

STEP = Progress(stage="sample", index=1, total=4)


@pytest.fixture(scope="module")
def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def write_job(tmp_path):
    """A function that writes a job that the parent of this process queued, which is alive."""

    def write_job(*events, queued=None, prompt="a red chair") -> JobFolder:
        job = write_finished_job(tmp_path, f"20260101-{len(list(tmp_path.iterdir())):06}-a", prompt)
        job.journal.unlink()
        for event in (queued or Queued(pid=os.getppid()), *events):
            job.append(event)
        return job

    return write_job


def claim(job: JobFolder, pid: int, host: str = platform.node()) -> None:
    values = {"pid": pid, "parent": 1, "host": host, "time": 0.0}
    (job.path / "claim.json").write_text(json.dumps(values))


def test_a_waiting_and_a_running_job_of_another_blender(write_job):
    job = write_job(prompt="a blue car")
    other = read_other_job(job)
    assert (other.prompt, other.seed, other.owner) == ("a blue car", 5, OTHER_BLENDER)
    assert (other.is_running, other.share_done) == (False, 0.0)
    claim(job, os.getppid())
    job.append(STEP)
    for known in (None, other):
        assert read_other_job(job, known) == other._replace(is_running=True, share_done=0.25)


def test_the_newest_progress_counts_and_an_estimated_time_before_the_step(write_job):
    job = write_job(STEP, Progress(stage="sample", index=2, total=4, elapsed_s=3.0, eta_s=1.0))
    claim(job, os.getppid())
    assert read_other_job(job).share_done == 0.75


def test_a_job_of_a_terminal(write_job, dead_pid):
    job = write_job(queued=Queued(pid=os.getppid(), is_for_blender=False))
    assert read_other_job(job).owner == TERMINAL_SCRIPT
    abandoned = write_job(queued=Queued(pid=dead_pid, is_for_blender=False))
    assert read_other_job(abandoned) is None
    claim(abandoned, os.getppid())
    assert read_other_job(abandoned).owner == TERMINAL_SCRIPT


def test_a_running_job_of_an_earlier_session_is_listed_and_a_waiting_one_is_not(write_job, dead_pid):
    job = write_job(queued=Queued(pid=dead_pid))
    assert read_other_job(job) is None  # it is offered to be resumed
    claim(job, os.getppid())
    assert read_other_job(job).owner == EARLIER_SESSION


def test_jobs_of_another_machine_are_listed_for_a_day(write_job):
    far = {"pid": 1, "host": "elsewhere", "machine": ""}
    assert read_other_job(write_job(queued=Queued(**far))).owner == OTHER_MACHINE
    old = time.time() - OTHER_MACHINE_S - 60
    assert read_other_job(write_job(queued=Queued(**far, time=old))) is None
    job = write_job(Progress(stage="sample", index=1, total=4), queued=Queued(**far, time=old))
    claim(job, 1, "elsewhere")
    assert read_other_job(job).is_running
    job = write_job(Progress(stage="sample", index=1, total=4, time=old), queued=Queued(**far, time=old))
    assert read_other_job(job) is None


@pytest.mark.parametrize(
    "end", [FINISHED, Cancelled(stage="sample", index=1), Failed(message="It failed.", reason="internal", fix="")]
)
def test_a_job_that_has_ended_is_none(write_job, end):
    job = write_job(STEP)
    claim(job, os.getppid())
    other = read_other_job(job)
    job.append(end)
    assert read_other_job(job) is read_other_job(job, other) is None


def test_a_job_whose_worker_is_gone_is_none(write_job, dead_pid):
    job = write_job(STEP)
    claim(job, dead_pid)
    assert read_other_job(job) is None


def test_a_folder_that_is_deleted_incomplete_or_hostile_is_none(write_job, tmp_path):
    job = write_job()
    other = read_other_job(job)
    content = job.request.read_text()
    for broken in ("", "{}", content.replace("a red chair", "a\\u0000b")):
        job.request.write_text(broken)
        assert read_other_job(job) is None
    job.request.write_text(content)
    job.journal.rename(tmp_path / "outside")
    job.journal.symlink_to(tmp_path / "outside")
    assert read_other_job(job) is None
    job.journal.unlink()
    assert read_other_job(job) is read_other_job(job, other) is None


def test_of_a_long_journal_only_the_end_is_read_again(write_job):
    job = write_job()
    other = read_other_job(job)
    claim(job, os.getppid())
    with job.journal.open("ab") as file:
        file.truncate(2**32)  # sparse
    job.append(STEP)
    assert read_other_job(job, other).share_done == 0.25
