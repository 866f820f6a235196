# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker processes: arguments, environment, working folder, exit."""

import os

import pytest

from blender_text3d.client import worker_process
from blender_text3d.client.worker_process import CannotStart, WorkerProcess, worker_environment, worker_options
from blender_text3d.system.run_module import RUN_MODULE
from tests.worker.scripted_python import scripted_python

PRINTS_ARGUMENTS = "import os, sys\nprint(sys.argv[1:], os.getcwd(), os.getpgid(0) == os.getpid())\nsys.stdin.read()\n"


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
