# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker as a separate process: stdin, output, full and read-only disks."""

import json
import subprocess
from pathlib import Path

import pytest

from blender_text3d.protocol.failures import EXIT_CODES, RESTART_WORKER
from blender_text3d.protocol.job_folder import JobFolder
from tests.worker.scripted_python import WITH_SCRIPTED_ENGINE, scripted_python

REPOSITORY = Path(__file__).parents[2]
TINY_FILES = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))\n"
UNPRIVILEGED = """
import os, sys
sys.path.insert(0, os.getcwd())
import blender_text3d.worker.__main__ as worker
if os.geteuid() == 0:  # root may write everywhere
    os.setuid(65534)
sys.exit(worker.main())
"""


@pytest.fixture
def run_worker(tmp_path):
    """Return a function that sends lines or jobs to a worker, closes its stdin and waits until it exits."""

    def work(*lines: str | JobFolder, script: str = WITH_SCRIPTED_ENGINE) -> subprocess.CompletedProcess:
        python = scripted_python(tmp_path, script)
        texts = [json.dumps({"do": str(line.path)}) if isinstance(line, JobFolder) else line for line in lines]
        return subprocess.run(
            [python, "-u", "-m", "blender_text3d.worker"],
            input="".join(f"{text}\n" for text in texts),
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=600,
        )

    return work


def test_a_worker_runs_its_jobs_and_exits_when_stdin_closes(run_worker, new_job):
    jobs = [new_job("a red chair"), new_job("a blue car")]
    assert run_worker(*jobs).returncode == 0
    assert [job.last_event().kind for job in jobs] == ["finished", "finished"]


def test_all_output_of_a_job_goes_to_its_log_alone(run_worker, new_job):
    loud, quiet = new_job("loud", steps=1), new_job("a red chair")
    process = run_worker(loud, quiet)
    for speaker in ("python", "descriptor 1", "descriptor 2", "C", "a child"):
        assert loud.log.read_text().count(f"{speaker} says hello") == 1
    assert "hello" not in quiet.log.read_text() + loud.journal.read_text() + process.stdout + process.stderr


def test_an_error_leaves_its_traceback_in_the_log_and_nothing_else(run_worker, new_job):
    job = new_job("crash")
    process = run_worker(job)
    assert "Traceback (most recent call last)" in job.log.read_text()
    assert "Traceback" not in job.journal.read_text() + process.stderr


@pytest.mark.parametrize("line", ["", "not json", "[]", "{}", '{"do": 5}', '{"do": null}', "\u0000"])
def test_an_invalid_line_is_reported_and_the_next_job_runs(run_worker, new_job, line):
    job = new_job("a red chair")
    process = run_worker(line, job)
    assert (process.returncode, job.last_event().kind) == (0, "finished")
    assert "names no job folder" in process.stderr


def test_a_library_that_reads_stdin_gets_nothing_and_no_job_is_lost(run_worker, new_job):
    jobs = [new_job("reads-stdin"), new_job("a red chair")]
    assert run_worker(*jobs).returncode == RESTART_WORKER
    assert "stdin gave ''" in jobs[0].last_event().message
    run_worker(jobs[1])
    assert jobs[1].last_event().kind == "finished"


@pytest.mark.parametrize("prompt", ["oom-cpu", "crash"])
def test_a_worker_that_may_be_unusable_exits_with_the_restart_code(run_worker, new_job, prompt):
    failing_job, next_job = new_job(prompt), new_job("a red chair")
    assert run_worker(failing_job, next_job).returncode == RESTART_WORKER
    assert failing_job.last_event().kind == "failed"
    assert next_job.claimed_by() is None


def test_a_job_never_runs_twice(run_worker, new_job):
    job = new_job("a red chair")
    assert "was claimed by another worker or has already run" in run_worker(job, job).stderr
    assert [event.kind for event in job.events()].count("started") == 1


def test_a_disk_that_fills_up_during_a_job_gives_its_exit_code(run_worker, new_job):
    job = new_job("a red chair")
    process = run_worker(job, script=TINY_FILES.format(600) + WITH_SCRIPTED_ENGINE)
    assert process.returncode == EXIT_CODES["disk_full"]
    assert job.events()[-1].kind == "stepped"


def test_a_disk_too_full_for_the_object_still_takes_the_last_event(run_worker, new_job):
    job = new_job("a red chair", steps=1)
    (job.path / "mesh.npz.part").symlink_to("/dev/full")
    assert run_worker(job).returncode == 0
    assert (job.last_event().reason, job.last_event().fix) == ("disk_full", "Free some space and generate again.")


def test_a_log_that_cannot_be_written_gives_its_exit_code(run_worker, new_job):
    job = new_job("crash")
    job.log.symlink_to("/dev/full")
    assert run_worker(job).returncode == EXIT_CODES["disk_full"]


def test_a_read_only_folder_gives_its_exit_code(run_worker, new_job):
    job = new_job("a red chair")
    job.path.chmod(0o555)
    assert run_worker(job, script=UNPRIVILEGED).returncode == EXIT_CODES["read_only"]
    assert not (job.path / "claim.json").exists()


def test_a_missing_job_folder_gives_its_exit_code(run_worker, tmp_path):
    assert run_worker(JobFolder(tmp_path / "gone")).returncode == EXIT_CODES["broken_job"]


def test_the_exit_code_is_kept_if_stderr_cannot_be_written(tmp_path):
    with open("/dev/full", "w") as full:
        process = subprocess.run(
            [scripted_python(tmp_path), "-u", "-m", "blender_text3d.worker"],
            input=json.dumps({"do": str(tmp_path / "gone")}),
            cwd=REPOSITORY,
            stderr=full,
            text=True,
            timeout=600,
        )
    assert process.returncode == EXIT_CODES["broken_job"]
