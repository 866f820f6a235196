# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of worker, Python, folder or disk: each job ends with a message, and the next job runs."""

import os
import shutil
import signal
import time

import pytest

from blender_text3d.client.session import Session
from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.events import TERMINAL
from tests.client.waiting import finish, news_until, reached, requests
from tests.worker.scripted_python import WITH_SCRIPTED_ENGINE

EXITS_AT_ONCE = "import sys\nsys.exit('this Python is broken')\n"
NEVER_CLAIMS = "import time\ntime.sleep(600)\n"
WITHOUT_TORCH = """
import os, sys, runpy
sys.path.insert(0, os.getcwd())
sys.modules["torch"] = None
sys.modules["blender_text3d.engine.generate"] = None
runpy.run_module(sys.argv[-1], run_name="__main__", alter_sys=True)
"""
CLAIMS_AND_EXITS = """
import os, sys
sys.path.insert(0, os.getcwd())
from blender_text3d.worker.commands import commands_from
next(commands_from(sys.stdin)).jobs[0].claim()
sys.exit(9)
"""
# As python.exe of a virtual environment on Windows, which starts the real Python as its child.
LAUNCHER = f"import subprocess, sys\nsys.exit(subprocess.call([sys.executable, '-c', {CLAIMS_AND_EXITS!r}]))\n"
TINY_FILES = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))\n"


@pytest.mark.parametrize(("prompt", "stage"), [("hang-in-start", "load"), ("slow", "sample")])
def test_a_worker_killed_in_a_stage_fails_its_job_and_a_new_one_runs_the_next(scripted, prompt, stage):
    killed, next_job = scripted.submit([*requests(prompt, steps=500), *requests()])
    news_until(scripted, reached(stage))
    pid = killed.claimed_by().pid
    os.kill(pid, signal.SIGKILL)
    ends = finish(scripted)
    assert (ends[killed].reason, ends[killed] == killed.last_event()) == ("worker_died", True)
    assert f"signal 9) in the stage {stage}" in ends[killed].message
    assert ends[next_job].kind == "finished"
    assert next_job.claimed_by().pid != pid


def test_the_next_object_is_made_while_the_files_of_the_one_before_are_written(scripted):
    writing, next_job = scripted.submit([*requests("hang-in-export"), *requests()])
    news = news_until(scripted, lambda news: (next_job, "made") in [(job, event.kind) for job, event in news])
    assert not any(isinstance(event, TERMINAL) for _, event in news)
    assert scripted.jobs == [writing, next_job]
    assert load_geometry(next_job.mesh)
    scripted.worker.kill()
    assert {last.reason for last in finish(scripted).values()} == {"worker_died"}


def test_a_worker_killed_while_it_writes_files_fails_the_job_but_leaves_the_object(scripted):
    (killed,) = scripted.submit(requests("hang-in-export"))
    news_until(scripted, reached("export"))
    os.kill(killed.claimed_by().pid, signal.SIGKILL)
    (failed,) = finish(scripted).values()
    assert (failed.reason, failed == killed.last_event()) == ("worker_died", True)
    assert "signal 9) in the stage export" in failed.message
    assert "The object itself is complete" in failed.fix
    assert load_geometry(killed.mesh)
    scripted.submit(requests())
    assert [last.kind for last in finish(scripted).values()] == ["finished"]


@pytest.mark.parametrize("prompt", ["die-in-start", "die-in-sample"])
def test_a_worker_that_crashes_is_reported_the_same_way(scripted, prompt):
    scripted.submit(requests(prompt))
    (failed,) = finish(scripted).values()
    assert failed.reason == "worker_died"
    assert "Generate again" in failed.fix


def test_the_child_of_a_launcher_is_known_as_the_own_worker(session_with):
    session = session_with(LAUNCHER)
    session.submit(requests())
    (failed,) = finish(session).values()
    assert (failed.reason, "exit code 9" in failed.message) == ("worker_died", True)


def test_a_worker_killed_while_idle_fails_no_job(session_with):
    session = session_with()
    session.submit(requests())
    finish(session)
    session.worker.kill()
    session.submit(requests())
    assert [event.kind for event in finish(session).values()] == ["finished"]


def test_an_incomplete_line_of_a_killed_worker_does_not_hide_the_failure(scripted):
    (job,) = scripted.submit(requests("hang-in-sample"))
    news_until(scripted, reached("load"))
    with job.journal.open("a") as file:
        file.write('{"kind": "stepp')
    scripted.worker.kill()
    assert finish(scripted)[job] == job.last_event()
    assert job.last_event().reason == "worker_died"


def test_a_missing_python_fails_each_job_with_a_fix(jobs_dir, tmp_path):
    session = Session(jobs_dir, tmp_path / "env" / "python")
    jobs = session.submit(requests(count=2))
    ends = finish(session)
    assert ends.keys() == set(jobs)
    for failed in ends.values():
        assert (failed.reason, f"{tmp_path}/env/python cannot be started" in failed.message) == ("environment", True)
        assert "Repair the worker environment" in failed.fix
        assert "python -m blender_text3d.environment" in failed.fix


def test_a_file_that_is_not_a_program_fails_the_job_with_a_fix(jobs_dir, tmp_path):
    (tmp_path / "python").write_text("not a program")
    session = Session(jobs_dir, tmp_path / "python")
    session.submit(requests())
    (failed,) = finish(session).values()
    assert (failed.reason, "Permission denied" in failed.message) == ("environment", True)


def test_a_python_that_exits_at_once_fails_the_job_with_its_last_line(session_with):
    session = session_with(EXITS_AT_ONCE)
    session.submit(requests())
    (failed,) = finish(session).values()
    assert (failed.reason, "Its output: this Python is broken" in failed.message) == ("environment", True)


def test_a_python_without_torch_fails_the_job_and_names_what_is_missing(session_with):
    session = session_with(WITHOUT_TORCH)
    session.submit(requests())
    (failed,) = finish(session).values()
    assert failed.reason == "environment"
    assert "The worker's Python lacks a package" in failed.message
    assert "python -m blender_text3d.environment" in failed.fix


def test_a_python_that_never_claims_the_job_is_killed_after_the_timeout(session_with):
    session = session_with(NEVER_CLAIMS, claim_timeout_s=0.5)
    session.submit(requests())
    (failed,) = finish(session).values()
    assert (failed.reason, "did not accept the job" in failed.message) == ("environment", True)
    assert not session.worker.is_alive()


def test_a_disk_that_fills_up_during_a_job_is_reported_as_full(session_with):
    session = session_with(TINY_FILES + WITH_SCRIPTED_ENGINE)
    (job,) = session.submit(requests())
    failed = finish(session)[job]
    assert (failed.reason, "The disk is full" in failed.message) == ("disk_full", True)
    assert job.last_event() == failed


def test_a_failure_that_cannot_be_written_is_still_reported(session_with):
    session = session_with(EXITS_AT_ONCE)
    (job,) = session.submit(requests())
    job.journal.unlink()
    job.journal.mkdir()
    assert finish(session)[job].reason == "environment"


def test_a_job_folder_removed_while_waiting_fails_only_that_job(session_with):
    session = session_with()
    first, gone, last = session.submit(requests(count=3))
    shutil.rmtree(gone.path)
    assert finish(session)[last].kind == "finished"
    assert first.last_event().kind == "finished"
    assert gone.last_event() is None


def test_a_job_folder_removed_while_running_ends_the_job(scripted):
    (job,) = scripted.submit(requests("slow", steps=1000))
    news_until(scripted, reached("sample"))
    while job.path.exists():  # the worker may write into it during the removal
        shutil.rmtree(job.path, ignore_errors=True)
    assert finish(scripted)[job].reason == "broken_job"


def test_an_incomplete_job_folder_fails_only_that_job(scripted):
    broken, incomplete = scripted.submit(requests("hang-in-sample")) + scripted.submit(requests())
    scripted.worker.kill()
    first = scripted.jobs[0]
    incomplete.request.write_text('{"format": 1, "requ')
    ends = finish(scripted)
    assert first == broken
    assert ends[broken].kind == "failed"
    assert (ends[incomplete].kind, ends[incomplete].reason) == ("failed", "broken_job")


def test_submitting_to_a_read_only_jobs_folder_raises_an_error_with_a_fix(tmp_path):
    (tmp_path / "file").write_text("")
    session = Session(tmp_path / "file", tmp_path / "python")
    with pytest.raises(InvalidJob, match="cannot be written .* choose another folder in the preferences"):
        session.submit(requests())
    assert session.jobs == []


def test_a_job_that_cannot_receive_a_cancel_is_ended_with_its_worker(scripted):
    (job,) = scripted.submit(requests("hang-in-sample"))
    news_until(scripted, reached("load"))
    shutil.rmtree(job.path)
    scripted.cancel(job)
    assert finish(scripted)[job].kind == "cancelled"
    assert not scripted.worker.is_alive()


def test_a_job_whose_terminal_event_was_lost_is_ended_by_a_ping(scripted, monkeypatch):
    monkeypatch.setattr("blender_text3d.client.offers.PING_AFTER_S", 0.3)
    (job,) = scripted.submit(requests())
    while getattr(job.last_event(), "kind", "") != "finished":
        time.sleep(0.01)
    job.journal.write_bytes(job.journal.read_bytes()[:-40])
    failed = finish(scripted)[job]
    assert (failed.reason, job.last_event()) == ("interrupted", failed)
    scripted.submit(requests())
    assert [event.kind for event in finish(scripted).values()] == ["finished"]


def test_a_slow_worker_is_pinged_without_effect_and_finishes(scripted, monkeypatch):
    monkeypatch.setattr("blender_text3d.client.offers.PING_AFTER_S", 0.02)
    (job,) = scripted.submit(requests("slow", steps=40))
    assert finish(scripted)[job].kind == "finished"
    assert [event.kind for event in job.events()].count("finished") == 1


@pytest.mark.parametrize("prompt", ["oom-cpu", "oom-python", "crash"])
def test_after_a_fatal_failure_a_new_worker_runs_the_next_job(scripted, prompt):
    failing, next_job = scripted.submit([*requests(prompt), *requests()])
    ends = finish(scripted)
    assert (ends[failing].kind, ends[next_job].kind) == ("failed", "finished")
    assert failing.claimed_by().pid != next_job.claimed_by().pid


def test_a_worker_that_exits_between_two_jobs_fails_neither(scripted):
    scripted.submit(requests())
    finish(scripted)
    os.kill(
        scripted.worker.pid, signal.SIGSTOP
    )  # it reads nothing more, and is then killed with the next job in its pipe
    (job,) = scripted.submit(requests())
    scripted.worker.kill()
    assert finish(scripted)[job].kind == "finished"
