# SPDX-License-Identifier: GPL-3.0-or-later
"""A random user inside Blender, in a child process so that a crash is reported; ten thousand old jobs; stale offers."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import bpy
import pytest

from blender_text3d.addon.jobs import job_scan, poll_timer
from blender_text3d.addon.state.session_state import state
from blender_text3d.protocol.events import Finished, Queued
from blender_text3d.protocol.job_folder import JobFolder
from tests.blender.recording_layout import drawn

REPOSITORY = Path(__file__).parents[3]
STEPS = 250
OLD_JOBS = 10_000
LOOKS_AT_A_JOB = 13
"""Files of a job that a scan looks at; four of them only for the request of a job that is offered."""


def test_a_random_user_meets_sentences_and_never_an_error_or_a_crash(tmp_path):
    driver = [
        sys.executable,
        "scripts/fault_injection/scenarios/monkey.py",
        "--seed",
        "1",
        "--steps",
        str(STEPS),
        "--scripted",
    ]
    own = {"BLENDER_USER_RESOURCES": str(tmp_path), "MALLOC_PERTURB_": "165"}  # what was freed is rubbish at once
    done = subprocess.run(driver, cwd=REPOSITORY, env=os.environ | own, capture_output=True, text=True, timeout=600)
    results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"seed"')]
    assert results, f"Blender ended with {done.returncode}: {done.stderr[-3000:]}"
    assert (results[0]["findings"], sum(results[0]["calls"].values())) == ([], STEPS)


@pytest.fixture(scope="module")
def ten_thousand(tmp_path_factory) -> list[JobFolder]:
    """Ten thousand finished jobs that were never imported, oldest first."""
    folder = tmp_path_factory.mktemp("data") / "jobs"
    jobs = [JobFolder(folder / f"2026{number:05}-000000-chair-abcdef") for number in range(OLD_JOBS)]
    journal = Queued().to_json() + "\n" + Finished(elapsed_s=1.0, files={}).to_json() + "\n"
    for job in jobs:
        job.path.mkdir(parents=True)
        job.journal.write_text(journal)
        job.request.touch()
        (job.path / "claim.json").touch()
    return jobs


@pytest.fixture
def old_jobs(addon, ten_thousand, monkeypatch) -> list[JobFolder]:
    """The same jobs in the jobs folder of the preferences."""
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(ten_thousand[0].path.parents[1]))
    return ten_thousand


def test_of_ten_thousand_old_jobs_each_tick_checks_a_few_and_the_newest_are_offered(old_jobs, monkeypatch):
    looked_at = []
    classify = job_scan.classify
    monkeypatch.setattr(job_scan, "classify", lambda job, *lists: looked_at.append(job) or classify(job, *lists))
    monkeypatch.setattr(job_scan, "SHARE_OF_TICK_S", 0.0)
    job_scan.start_scan(old_jobs[0].path.parent)
    poll_timer.tick(is_watched=False)
    assert not looked_at
    monkeypatch.setattr(job_scan, "SHARE_OF_TICK_S", 1.0)
    while job_scan.is_scanning():
        poll_timer.tick(is_watched=False)
    assert state.ready == old_jobs[: -job_scan.MAX_JOBS - 1 : -1]
    assert len(looked_at) == job_scan.MAX_JOBS


def test_of_older_jobs_only_those_that_still_wait_are_read_and_none_is_offered(old_jobs, monkeypatch):
    looked_at = []
    classify = job_scan.classify
    monkeypatch.setattr(job_scan, "classify", lambda job, *lists: looked_at.append(job) or classify(job, *lists))
    (old_jobs[0].path / "claim.json").unlink()
    job_scan.scan_all(old_jobs[0].path.parent)
    (old_jobs[0].path / "claim.json").touch()
    assert looked_at[-1] == old_jobs[0]
    assert len(looked_at) == job_scan.MAX_JOBS + 1
    assert len(state.ready) == job_scan.MAX_JOBS


@pytest.fixture
def accessed(monkeypatch) -> list[str]:
    """The paths that were opened, listed or inspected since."""
    paths: list[str] = []

    def noting(do):
        return lambda path, *rest, **more: paths.append(os.fspath(path)) or do(path, *rest, **more)

    for module, name in ((os, "stat"), (os, "lstat"), (os, "open"), (os, "listdir"), (os, "scandir"), (io, "open")):
        monkeypatch.setattr(module, name, noting(getattr(module, name)))
    return paths


def test_with_ten_thousand_old_jobs_a_scan_step_reads_few_files_and_the_panel_none(old_jobs, accessed):
    jobs_dir, most = old_jobs[0].path.parent, 0
    for _ in job_scan.scan(jobs_dir):
        in_jobs = [path for path in accessed if path.startswith(str(jobs_dir))]
        most = max(most, len(in_jobs))
        accessed.clear()
    assert 1 < most <= LOOKS_AT_A_JOB
    assert len(state.ready) == job_scan.MAX_JOBS
    assert "200 finished objects not imported yet" in drawn()
    poll_timer.tick()
    assert not [path for path in accessed if path.startswith(str(jobs_dir))]


def test_an_object_imported_by_another_blender_is_not_imported_with_the_others(start_job, drive):
    start_job("slowly a chair")
    start_job("a boat")
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    drive(lambda: not state.jobs)
    assert len(state.ready) == 2
    state.ready[0].mark_imported()
    bpy.ops.text3d.import_job()
    assert len(bpy.context.scene.objects) == 1
    assert not state.ready
