# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests for thumbnails: only from a worker that has no jobs, and without losing one."""

import time

from blender_text3d.client.session import Session
from tests.client.results.jobs import write_job
from tests.client.waiting import HANG_S, finish, requests


def wait_until(condition) -> None:
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < HANG_S, "timed out"
        time.sleep(0.01)


def test_the_worker_is_started_and_renders_what_older_jobs_lack(scripted, jobs_dir):
    (job,) = scripted.submit(requests())
    finish(scripted)
    wait_until(job.thumbnail.exists)
    before = job.thumbnail.read_bytes()
    job.thumbnail.unlink()
    scripted.worker.kill()
    assert scripted.request_thumbnails([write_job(jobs_dir, "without-geometry"), job])
    wait_until(job.thumbnail.exists)
    assert job.thumbnail.read_bytes() == before


def test_a_job_that_is_submitted_next_runs_in_the_same_worker(scripted, jobs_dir):
    assert scripted.request_thumbnails([write_job(jobs_dir, f"old-{number}") for number in range(3)])
    pid = scripted.worker.pid
    (job,) = scripted.submit(requests())
    assert finish(scripted)[job].kind == "finished"
    assert scripted.worker.pid == pid


def test_nothing_is_requested_while_jobs_run(scripted, jobs_dir):
    (job,) = scripted.submit(requests())
    assert not scripted.request_thumbnails([write_job(jobs_dir, "old")])
    assert finish(scripted)[job].kind == "finished"


def test_a_worker_that_cannot_start_is_no_error(tmp_path, jobs_dir):
    session = Session(jobs_dir, tmp_path / "nowhere/python")
    assert not session.request_thumbnails([write_job(jobs_dir, "old")])
    assert session.jobs == []
