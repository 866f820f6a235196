# SPDX-License-Identifier: GPL-3.0-or-later
"""The last event of a job by the way its worker ended."""

import pytest

from blender_text3d.client import exit_reasons
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Notice, Progress
from tests.client.recorded_worker import RecordedWorker
from tests.client.waiting import requests

REPAIR = "Repair the worker environment in the preferences, or run python -m blender_text3d.environment."


@pytest.fixture
def worker(tmp_path) -> RecordedWorker:
    return RecordedWorker(tmp_path / "python", tmp_path)


@pytest.fixture
def job(tmp_path):
    return create_job(tmp_path / "jobs", requests()[0])


def texts(event) -> tuple[str, str, str]:
    return event.reason, event.message, event.fix


def test_a_worker_that_cannot_start_needs_a_repair():
    assert texts(exit_reasons.cannot_start("There is no Python.")) == ("environment", "There is no Python.", REPAIR)


@pytest.mark.parametrize(("output", "shown"), [("", "none"), ("one\nlast \x1b[31mline\n\n", "last \ufffd[31mline")])
def test_a_worker_that_claims_nothing_is_named_with_its_last_line(worker, job, output, shown):
    worker.log.write_text(output)
    assert texts(exit_reasons.claim_timed_out(job, worker)) == (
        "environment",
        f"The worker ({worker.python}) did not accept the job {job.job_id}. Its output: {shown}",
        REPAIR,
    )


@pytest.mark.parametrize("is_claimed", [True, False])
@pytest.mark.parametrize(
    ("exit_code", "reason", "start"),
    [(81, "disk_full", "The disk is full: "), (82, "read_only", ""), (83, "broken_job", "")],
)
def test_an_exit_code_tells_why_the_folder_could_not_be_written(worker, job, is_claimed, exit_code, reason, start):
    if is_claimed:
        worker.claim(job)
    worker.exit_code = exit_code
    failed = exit_reasons.worker_died(job, worker)
    assert failed.reason == reason
    assert failed.message.startswith(f"{start}{job.path} ")


@pytest.mark.parametrize("exit_code", [0, 1])
def test_a_worker_that_exits_before_its_first_claim_needs_a_repair(worker, job, exit_code):
    worker.log.write_text("this Python is broken\n")
    worker.exit_code = exit_code
    assert texts(exit_reasons.worker_died(job, worker)) == (
        "environment",
        f"The worker ({worker.python}) exited before it accepted the job. Its output: this Python is broken",
        REPAIR,
    )


@pytest.mark.parametrize(
    ("is_claimed", "exit_code", "described"),
    [
        (True, 1, "exit code 1"),
        (True, 0, "exit code 0"),
        (True, -9, "signal 9"),
        (True, None, "no exit code"),
        (False, -11, "signal 11"),
        (False, None, "no exit code"),
    ],
)
def test_a_worker_that_ends_during_a_job_or_by_a_signal_has_crashed(worker, job, is_claimed, exit_code, described):
    if is_claimed:
        worker.claim(job)
    worker.exit_code = exit_code
    assert texts(exit_reasons.worker_died(job, worker)) == (
        "worker_died",
        f"The worker crashed ({described}) in the stage start.",
        "Generate again. If it crashes again, choose a lower quality, or read worker.log in the job folder.",
    )


def test_a_crash_is_reported_with_the_newest_stage(worker, job):
    worker.claim(job)
    for stage in ("load", "sample"):
        job.append(Progress(stage=stage, index=0, total=1))
    job.append(Notice(message="hello"))
    worker.exit_code = 1
    assert "(exit code 1) in the stage sample." in exit_reasons.worker_died(job, worker).message


def test_a_job_whose_worker_vanished_is_named(job):
    assert texts(exit_reasons.worker_vanished(job)) == (
        "interrupted",
        f"The job {job.job_id} was interrupted: its worker is no longer running.",
        "Generate again; the same seed gives the same object.",
    )
