# SPDX-License-Identifier: GPL-3.0-or-later
"""The smoke test of a Python: its imports, and a small object that it generates."""

import json
import subprocess
import sys

import pytest

from blender_text3d.environment import smoke_test
from blender_text3d.environment.requirements import Packages
from blender_text3d.environment.smoke_test import RETRY, SmokeTestFailed, run_smoke_test
from blender_text3d.environment.smoke_test_result import SmokeTestResult
from blender_text3d.protocol.events import Failed, Finished, Started
from blender_text3d.system.run_logged import Log

SILENT = Log()
WORKER = Packages((), ("json",), 1.0, is_worker=True)
STARTED = Started(pid=1, host="h", device="cuda:0", device_name="H100", engine_version="1", torch_version="2",
                  weights_sha256="")  # fmt: skip
FINISHED = Finished(elapsed_s=1.0, files={}, faces=5)
FACTS = {"python": "3.11.1", "executable": "/x", "torch": "2.13.0+cpu", "rerun": "0.41.0", "is_rocm": False}

# A Python that answers the probe with FACTS, and runs a worker's job by appending EVENTS.
DOUBLE = """#!{python}
import json, os, pathlib, sys
here = pathlib.Path(__file__)
if "-I" in sys.argv:
    print(here.with_name("facts").read_text())
    sys.exit(int(here.with_name("code").read_text()))
(job,) = map(pathlib.Path, json.loads(sys.stdin.readline())["do"])
here.with_name("command").write_text(json.dumps([sys.argv[1:], os.getcwd(), os.environ.get("PYTHONHOME")]))
here.with_name("request").write_text(job.joinpath("request.json").read_text())
job.joinpath("worker.log").write_text("the worker's own words")
with job.joinpath("events.jsonl").open("a") as journal:
    journal.write(here.with_name("events").read_text())
print("first\\nlast words \\n")
"""


@pytest.fixture
def python(tmp_path):
    """A program that replaces a Python with the worker's packages."""
    program = tmp_path / "python"
    program.write_text(DOUBLE.format(python=sys.executable))
    program.chmod(0o755)
    (tmp_path / "code").write_text("0")
    (tmp_path / "facts").write_text(f"a warning\n\n{json.dumps(FACTS)}\n")
    tell(program, STARTED, FINISHED)
    return program


def tell(python, *events) -> None:
    python.with_name("events").write_text("".join(event.to_json() + "\n" for event in events))


def message_of(python, packages=WORKER, log=SILENT) -> str:
    with pytest.raises(SmokeTestFailed) as caught:
        run_smoke_test(python, packages, log)
    assert caught.value.problem.fix == RETRY
    return caught.value.problem.message


def test_other_packages_than_the_workers_are_only_imported():
    result = run_smoke_test(sys.executable, Packages((), ("json", "zipfile"), 1.0), SILENT)
    assert result.executable == sys.executable
    assert result.python == ".".join(map(str, sys.version_info[:3]))
    assert (result.device, result.seconds) == ("", 0.0)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script replaces the Python")
@pytest.mark.parametrize(("hip", "name"), [("None", "CUDA"), ("'6.4'", "ROCm")])
def test_the_facts_are_those_of_the_imported_packages(hip, name, tmp_path, monkeypatch):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("from . import version; print('Welcome')")
    (tmp_path / "torch" / "version.py").write_text(f"hip = {hip}")
    for package, number in (("torch", "9.9.0+rocm"), ("rerun_sdk", "0.41.3")):
        info = tmp_path / f"{package}-{number}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {number}\n")
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nshift\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(smoke_test, "_generate_small_object", lambda python, log: STARTED)
    result = run_smoke_test(program, Packages((), ("torch",), 1.0, is_worker=True), SILENT)
    assert (result.torch, result.rerun, result.device) == ("9.9.0+rocm", "0.41.3", name)


def test_a_module_that_cannot_be_imported_is_told_with_its_error(tmp_path):
    log = Log(tmp_path / "log")
    message = message_of(sys.executable, Packages((), ("json", "nosuchmodule"), 1.0), log)
    assert message == (
        f"The packages of {sys.executable} are installed but do not work. "
        "ModuleNotFoundError: No module named 'nosuchmodule'"
    )
    assert "nosuchmodule" in (tmp_path / "log").read_text()


def test_a_python_that_cannot_be_started_or_answers_nonsense_is_named(python, tmp_path):
    assert "/no/python are installed but do not work. " in message_of(tmp_path / "no/python")
    (tmp_path / "facts").write_text("nonsense")
    assert f"The packages of {python} are installed but do not work. " in message_of(python)


def test_an_exit_code_counts_even_with_an_answer(python, tmp_path):
    (tmp_path / "code").write_text("3")
    assert json.dumps(FACTS) in message_of(python)


def test_a_worker_that_finishes_gives_its_device_and_duration(python, tmp_path):
    log = Log(tmp_path / "log")
    result = run_smoke_test(python, WORKER, log)
    assert result == SmokeTestResult("3.11.1", "/x", "2.13.0+cpu", "CUDA", "H100", "0.41.0", seconds=result.seconds)
    assert 0 <= result.seconds == round(result.seconds, 1)
    text = (tmp_path / "log").read_text()
    assert "the worker's own words" in text
    assert "last words" in text
    assert "H100" in text
    assert f"$ {python} -B -u -P -c" in text


def test_the_worker_generates_a_small_object_outside_of_the_callers_folder_and_variables(python, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")
    monkeypatch.chdir(tmp_path)
    run_smoke_test(python, WORKER, SILENT)
    arguments, folder, home = json.loads((tmp_path / "command").read_text())
    assert arguments[:2] == ["-B", "-u"]
    assert arguments[-1] == "blender_text3d.worker"
    assert folder == str(smoke_test.PACKAGE.parent)
    assert smoke_test.PACKAGE.name == "blender_text3d"
    assert home is None
    request = json.loads((tmp_path / "request").read_text())["request"]
    wanted = {"prompt": "a red chair", "model": "mini/shap-e", "quality": "draft", "steps": 2, "grid": 32, "seed": 1}
    assert wanted.items() <= request.items()


def test_nothing_of_the_small_object_is_left(python, tmp_path, monkeypatch):
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    run_smoke_test(python, WORKER, SILENT)
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize(
    ("device", "is_rocm", "name"),
    [
        ("cuda:0", False, "CUDA"),
        ("cuda:1", True, "ROCm"),
        ("cpu", False, "CPU"),
        ("cpu", True, "CPU"),
        ("mps", False, "MPS"),
    ],
)
def test_the_device_is_told_by_its_type(device, is_rocm, name, python, tmp_path):
    (tmp_path / "facts").write_text(json.dumps(FACTS | {"is_rocm": is_rocm}))
    tell(python, Started(**vars(STARTED) | {"device": device}), FINISHED)
    assert run_smoke_test(python, WORKER, SILENT).device == name


def test_a_job_that_fails_is_told_with_the_workers_message_and_fix(python):
    tell(python, STARTED, Failed(message="No device.", reason="no_device", fix="Buy one."))
    assert message_of(python) == f"{python} could not generate a test object. No device. Buy one."


def test_a_worker_that_ends_without_a_result_is_told_with_its_last_words(python):
    tell(python, STARTED)
    assert message_of(python) == f"{python} could not generate a test object. last words"


@pytest.mark.parametrize(
    ("error", "details"),
    [
        (subprocess.TimeoutExpired("x", 600), "It did not finish within 10 minutes."),
        (OSError(8, "Exec format error"), "It could not be started: Exec format error."),
    ],
)
def test_a_worker_that_hangs_or_does_not_start_is_told(error, details, python, monkeypatch):
    real = subprocess.run

    def run(command, **options):
        if "input" not in options:
            return real(command, **options)
        assert options["timeout"] == 600
        raise error

    monkeypatch.setattr(smoke_test.subprocess, "run", run)
    assert message_of(python) == f"{python} could not generate a test object. {details}"


def test_a_silent_worker_is_told_to_have_produced_no_output(python):
    python.write_text(python.read_text().replace('print("first', 'print("   ") or ("'))
    tell(python, STARTED)
    assert message_of(python) == f"{python} could not generate a test object. It produced no output."
