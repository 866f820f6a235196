# SPDX-License-Identifier: GPL-3.0-or-later
"""The small object that a full check generates."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from blender_text3d.doctor.checks import sample_job as module
from blender_text3d.doctor.checks.sample_job import run_sample_job, sample_job
from blender_text3d.doctor.finding import BAD, GOOD, Finding
from blender_text3d.doctor.fixes import fix_for
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.events import Failed, Finished, Started
from blender_text3d.system.child import PACKAGE

STARTED = Started(pid=1, host="h", device="cpu", device_name="Xeon", engine_version="1", torch_version="2",
                  weights_sha256="")  # fmt: skip
FINISHED = Finished(elapsed_s=1.0, files={}, faces=1200)


@pytest.fixture
def check(bare, monkeypatch):
    """A function that runs a full check whose job has these events and this last line."""
    ticks = iter((10.0, 12.34))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(ticks))

    def check(*events, last_line="", error=None) -> Finding:
        def run(python, timeout_s):
            assert (str(python), timeout_s) == (sys.executable, 300.0)
            if error:
                raise error
            return list(events), last_line

        monkeypatch.setattr(module, "run_sample_job", run)
        (found,) = sample_job(replace(bare, is_full=True, own_python=Path(sys.executable)))
        assert (found.check, found.what, found.wanted) == ("self_test", "Test object", "a small object")
        return found

    return check


@pytest.fixture
def repair(bare):
    return fix_for(replace(bare, own_python=Path("/p")), "repair")


def test_only_a_full_check_of_a_python_that_exists_generates(bare, monkeypatch):
    monkeypatch.setattr(module, "run_sample_job", lambda *_: pytest.fail("it was generated"))
    assert list(sample_job(replace(bare, own_python=Path(sys.executable)))) == []
    assert list(sample_job(replace(bare, is_full=True))) == []


def test_an_object_is_told_with_its_faces_duration_and_device(check):
    found = check(STARTED, FINISHED)
    assert (found.state, found.found, found.fix, found.button) == (GOOD, "1200 faces in 2.3 s on Xeon", "", "")


def test_the_device_is_left_out_if_it_is_unknown(check):
    assert check(FINISHED).found == "1200 faces in 2.3 s"


def test_a_failed_job_is_told_with_its_message(check, repair):
    found = check(STARTED, Failed(message="It broke.", reason="internal", fix="Report it."))
    assert (found.state, found.found, found.fix, found.button) == (BAD, "It broke", *repair)


@pytest.mark.parametrize(
    ("reason", "button"), [("disk_full", "jobs"), ("out_of_memory", "free"), ("read_only", "preferences")]
)
def test_a_failure_that_no_repair_mends_has_a_fix_and_a_button_of_its_own(reason, button, check):
    found = check(Failed(message="It broke.", reason=reason, fix="Do this."))
    assert (found.state, found.fix, found.button) == (BAD, "Do this.", button)


@pytest.mark.parametrize("events", [(), (STARTED,), (STARTED, replace(FINISHED, faces=0))])
def test_a_job_without_an_object_is_told_with_the_last_output(events, check, repair):
    found = check(*events, last_line="Oh no")
    assert (found.state, found.found) == (BAD, "no object after 2.3 s; last output: Oh no")
    assert (found.fix, found.button) == repair


@pytest.mark.parametrize("error", [OSError("no program"), InvalidJob("no folder"), BadRequest("no words")])
def test_a_job_that_cannot_be_started_is_told(error, check, repair):
    found = check(error=error)
    assert (found.state, found.found) == (BAD, f"it could not be started ({error})")
    assert (found.fix, found.button) == repair


DOUBLE = """#!{python}
import json, os, pathlib, sys
here = pathlib.Path(__file__)
(job,) = map(pathlib.Path, json.loads(sys.stdin.readline())["do"])
variables = {{name: os.environ.get(name) for name in ("PYTHONHOME", "__PYVENV_LAUNCHER__", "PYTHONUTF8", "MINE")}}
request = json.loads(job.joinpath("request.json").read_text())["request"]
here.with_name("seen").write_text(json.dumps([sys.argv[1:], os.getcwd(), variables, request]))
with job.joinpath("events.jsonl").open("a") as journal:
    journal.write(here.with_name("events").read_text())
exec(here.with_name("code").read_text())
"""


@pytest.fixture
def python(tmp_path):
    """A program that replaces the worker's Python, appends events to the job and runs code."""
    program = tmp_path / "python"
    program.write_text(DOUBLE.format(python=sys.executable))
    program.chmod(0o755)
    (tmp_path / "events").write_text(STARTED.to_json() + "\n" + FINISHED.to_json() + "\n")
    (tmp_path / "code").write_text("print('first', flush=True); print('last ', file=sys.stderr)")
    return program


def test_the_worker_gets_a_small_request_and_a_clean_environment(python, tmp_path, monkeypatch):
    for name in ("PYTHONHOME", "__PYVENV_LAUNCHER__", "MINE"):
        monkeypatch.setenv(name, "/x")
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    events, last_line = run_sample_job(python, 60)
    assert events[-2:] == [STARTED, FINISHED]
    assert last_line == "last"
    arguments, folder, variables, request = json.loads((tmp_path / "seen").read_text())
    assert arguments[:3] == ["-B", "-u", "-P"]
    assert arguments[-1] == "blender_text3d.worker"
    assert folder == str(PACKAGE.parent)
    assert variables == {"PYTHONHOME": None, "__PYVENV_LAUNCHER__": None, "PYTHONUTF8": "1", "MINE": "/x"}
    wanted = {"prompt": "a red chair", "seed": 1, "steps": 2, "grid": 16, "quality": "draft"}
    assert {name: request[name] for name in wanted} == wanted
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_last_line_is_cut_or_nothing(python, tmp_path):
    (tmp_path / "code").write_text("print('x' * 300)")
    assert run_sample_job(python, 60)[1] == "x" * 200
    (tmp_path / "code").write_text("print(' ')")
    assert run_sample_job(python, 60)[1] == "nothing"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_worker_that_hangs_is_killed_and_its_output_kept(python, tmp_path, monkeypatch):
    pid_file = tmp_path / "pid"

    class Hangs(subprocess.Popen):
        """A process whose time limit is over as soon as it hangs."""

        def communicate(self, input=None, timeout=None):
            if timeout is None:
                return super().communicate()
            assert timeout == 2.4
            self.stdin.write(input)
            self.stdin.flush()
            while not (pid_file.exists() and pid_file.read_text()):
                assert self.poll() is None
            raise subprocess.TimeoutExpired(self.args, timeout)

    monkeypatch.setattr(module.subprocess, "Popen", Hangs)
    write_pid = f"print('hello', flush=True); pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))"
    (tmp_path / "code").write_text(f"{write_pid}; import time; time.sleep(60); here.with_name('end').touch()")
    events, last_line = run_sample_job(python, 2.4)
    assert last_line == "stopped after 2 s"
    assert events[-1] == FINISHED
    assert not (tmp_path / "end").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
