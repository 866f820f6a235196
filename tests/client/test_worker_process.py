# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker processes: arguments, environment, working folder, exit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.client import worker_process
from blender_text3d.client.worker_process import CannotStart, WorkerProcess, worker_environment, worker_options
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.system.run_module import RUN_MODULE
from tests.worker.scripted_python import scripted_python

PRINTS_ARGUMENTS = "import os, sys\nprint(sys.argv[1:], os.getcwd(), os.getpgid(0) == os.getpid())\nsys.stdin.read()\n"
ECHOES_STDIN = "import sys\nfor line in sys.stdin:\n    print(line, end='', flush=True)\n"


@pytest.fixture
def start_line(tmp_path) -> str:
    """The arguments and working folder that the worker's Python was started with."""
    worker = WorkerProcess(scripted_python(tmp_path, PRINTS_ARGUMENTS), tmp_path)
    worker.start()
    worker.close()
    worker._process.wait(timeout=60)
    return worker.last_line()


def test_the_package_is_run_by_name_from_the_folder_that_holds_it(start_line):
    package_parent = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    run = [package_parent, "blender_text3d.worker"]
    assert start_line.startswith(f"{['-u', '-P', '-c', RUN_MODULE, *run]} {package_parent} ")


def test_an_installed_package_is_run_from_a_copy_without_bytecode(tmp_path, monkeypatch):
    assert worker_options()[-1] == "blender_text3d.worker"
    assert "-B" not in worker_options()
    (tmp_path / "blender_manifest.toml").touch()
    monkeypatch.setattr(worker_process, "PACKAGE", tmp_path)
    assert worker_options()[-1] == f"{tmp_path.name}.worker.run_from_copy"
    assert "-B" in worker_options()


def test_ctrl_c_does_not_reach_the_worker(start_line):
    assert start_line.endswith("True")


def test_the_worker_does_not_see_blenders_python(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/blender/modules")
    monkeypatch.setenv("PYTHONHOME", "/blender/python")
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", "/elsewhere")
    environment = worker_environment()
    assert {name for name in environment if name.startswith("PYTHON")} == {"PYTHONUTF8"}
    assert environment["BLENDER_TEXT3D_HOME"] == "/elsewhere"


def test_a_worker_exits_when_its_stdin_closes(tmp_path):
    worker = WorkerProcess(scripted_python(tmp_path, PRINTS_ARGUMENTS), tmp_path)
    worker.start()
    assert worker.is_alive()
    assert worker.is_listening()
    assert worker.exit_code is None
    worker.close()
    assert not worker.is_listening()
    worker._process.wait(timeout=60)
    assert worker.exit_code == 0


def test_kill_waits_until_the_worker_has_exited(tmp_path):
    worker = WorkerProcess(scripted_python(tmp_path, PRINTS_ARGUMENTS), tmp_path)
    worker.start()
    worker.kill()
    assert not worker.is_alive()
    assert worker.exit_code == -9


def test_a_worker_whose_log_cannot_be_written_still_starts(tmp_path):
    (tmp_path / "file").write_text("")
    worker = WorkerProcess(scripted_python(tmp_path, PRINTS_ARGUMENTS), tmp_path / "file")
    worker.start()
    assert worker.is_alive()
    assert worker.last_line() == ""
    worker.kill()


def test_a_python_that_cannot_be_started_is_named(tmp_path):
    with pytest.raises(CannotStart, match=r"The worker's Python .*/nowhere/python cannot be started \(No such file"):
        WorkerProcess(tmp_path / "nowhere" / "python", tmp_path).start()


def test_a_worker_that_never_started_can_be_closed_and_killed(tmp_path):
    worker = WorkerProcess(tmp_path / "python", tmp_path)
    worker.close()
    worker.kill()
    assert (worker.pid, worker.is_alive(), worker.exit_code) == (0, False, None)


def output_of(tmp_path, script: str, *, variables: dict[str, str] | None = None, offers=(), **choices) -> list[str]:
    """Return what a worker has printed until it exited, after these offers."""
    worker = WorkerProcess(scripted_python(tmp_path, script), tmp_path, **choices)
    worker.variables = variables or {}
    worker.start()
    for jobs, limits in offers:
        worker.send(jobs, **limits)
    worker.close()
    worker._process.wait(timeout=60)
    return worker.log.read_text().splitlines()


def test_an_offer_is_one_line_with_the_paths_of_the_jobs_in_order(tmp_path):
    jobs = [JobFolder(tmp_path / "b"), JobFolder(tmp_path / "a")]
    offers = [(jobs, {}), (jobs[:1], {"max_batch_size": 3}), (jobs[:1], {"max_batch_size": None})]
    lines = output_of(tmp_path, ECHOES_STDIN, offers=offers)
    paths = [str(job.path) for job in jobs]
    assert [json.loads(line) for line in lines] == [
        {"do": paths},
        {"do": paths[:1], "at_once": 3},
        {"do": paths[:1]},
    ]


def test_a_worker_is_told_if_the_objects_alone_are_needed(tmp_path):
    jobs = [JobFolder(tmp_path / "a")]
    (line,) = output_of(tmp_path, ECHOES_STDIN, offers=[(jobs, {})], object_only=True)
    assert json.loads(line) == {"do": [str(jobs[0].path)], "object_only": True}


def test_a_worker_receives_absolute_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (line,) = output_of(tmp_path, ECHOES_STDIN, offers=[([JobFolder(Path("a"))], {})])
    assert json.loads(line) == {"do": [str(tmp_path / "a")]}


def test_errors_and_output_go_to_a_log_that_names_this_process_and_keeps_earlier_lines(tmp_path):
    script = "import os, sys\nprint('out')\nsys.stdout.flush()\nprint(os.environ['LEGS'], file=sys.stderr)\n"
    assert output_of(tmp_path, script, variables={"LEGS": "three"}) == ["out", "three"]
    assert output_of(tmp_path, script, variables={"LEGS": "four"}) == ["out", "three", "out", "four"]
    assert (tmp_path / f"worker-{os.getpid()}.log").exists()


def test_the_variables_of_a_worker_replace_those_of_this_process(tmp_path, monkeypatch):
    monkeypatch.setenv("LEGS", "three")
    script = "import os\nprint(os.environ['LEGS'], os.environ['PYTHONUTF8'])\n"
    assert output_of(tmp_path, script) == ["three 1"]
    assert output_of(tmp_path, script, variables={"LEGS": "four"})[-1] == "four 1"


def test_variables_of_a_virtual_environment_and_of_python_are_left_out(monkeypatch):
    monkeypatch.setenv("__PYVENV_LAUNCHER__", "/blender/python")
    monkeypatch.setenv("PYTHONUTF8", "0")
    environment = worker_environment()
    assert "__PYVENV_LAUNCHER__" not in environment
    assert environment["PYTHONUTF8"] == "1"
    assert environment["PATH"] == os.environ["PATH"]


def test_a_new_start_lets_the_earlier_process_exit(tmp_path):
    worker = WorkerProcess(scripted_python(tmp_path, PRINTS_ARGUMENTS), tmp_path)
    worker.start()
    earlier = worker._process
    worker.start()
    earlier.wait(timeout=60)
    assert worker.is_alive()
    assert worker.pid != earlier.pid
    worker.kill()
    assert (worker.pid != 0, worker.is_listening()) == (True, False)


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (b"", ""),
        (b"one\n", "one"),
        (b"one\n  two \r\n\n \t\n", "two"),
        (b"one\ntwo", "two"),
        (b"h\xffi\n", "h\ufffdi"),
        (b"x" * 70_000, "x" * 65_536),
        (b"first\n" + b" " * 65_535, ""),
        (b"last\n" + b" " * 65_531, "last"),
    ],
)
def test_the_last_line_is_the_last_with_text_within_64_kilobytes(tmp_path, log, line):
    worker = WorkerProcess(tmp_path / "python", tmp_path)
    worker.log.write_bytes(log)
    assert worker.last_line() == line


def test_a_worker_without_a_log_has_no_last_line(tmp_path):
    assert WorkerProcess(tmp_path / "python", tmp_path / "gone").last_line() == ""


def test_a_worker_that_never_started_accepts_no_jobs(tmp_path):
    worker = WorkerProcess(tmp_path / "python", tmp_path)
    assert not worker.is_listening()
    with pytest.raises(BrokenPipeError, match="has not been started"):
        worker.send([])


def test_an_installed_package_is_told_by_a_file_not_by_a_folder(tmp_path, monkeypatch):
    (tmp_path / "blender_manifest.toml").mkdir()
    monkeypatch.setattr(worker_process, "PACKAGE", tmp_path)
    assert worker_options() == ["-u", "-P", "-c", RUN_MODULE, str(tmp_path.parent), f"{tmp_path.name}.worker"]


def test_a_linked_package_is_run_under_the_name_of_the_link(tmp_path):
    package = Path(worker_process.__file__).parents[1]
    (tmp_path / "linked_name").symlink_to(package)
    code = "import sys; sys.path.insert(0, sys.argv[1]); from linked_name.client import worker_process"
    code += "; print(worker_process.PACKAGE)"
    found = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(tmp_path / "linked_name")


def test_on_windows_the_worker_has_its_own_group_and_no_console_window(monkeypatch):
    monkeypatch.setattr(worker_process.sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 0x08000000, raising=False)
    assert worker_process.process_group_options() == {"creationflags": 0x08000200}
