# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions on an existing environment: test it, replace it from a kit, remove it."""

import subprocess
import sys
from argparse import Namespace
from types import SimpleNamespace

import pytest

from blender_text3d.environment import actions, lock, remove
from blender_text3d.environment.actions import ACTIONS
from blender_text3d.environment.check import find_problems
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.lock import hold_lock
from blender_text3d.environment.manifest import Manifest, read_manifest, write_manifest
from blender_text3d.environment.paths import venv_python
from blender_text3d.environment.requirements import WORKER
from blender_text3d.environment.smoke_test import SmokeTestFailed
from blender_text3d.environment.smoke_test_result import FILE_NAME, SmokeTestResult, read_test_result, write_test_result


@pytest.fixture
def env_dir(tmp_path, monkeypatch):
    """An environment that is ready by its files, with a test result; no test waits."""
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path))
    for module in (lock, remove):
        monkeypatch.setattr(module, "RETRY_FOR_S", 0.0)
    env_dir = tmp_path / "env"
    python = venv_python(env_dir / "1")
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    write_manifest(env_dir, Manifest("ready", WORKER.sha256, sys.executable, "1"))
    write_test_result(
        env_dir / "1" / FILE_NAME, SmokeTestResult("3.11.1", "x", tool="uv 1", requested_build="cpu", build="cpu")
    )
    return env_dir


@pytest.fixture
def created(monkeypatch):
    """The options of each call that would create an environment."""
    calls = []
    monkeypatch.setattr(actions, "create_environment", lambda env_dir, report, **options: calls.append(options))
    return calls


def run(action, env_dir, kit=""):
    sent = []
    options = Namespace(env=env_dir, python="", torch="auto", torch_index="", kit=kit)
    return ACTIONS[action](options, sent.append), sent[-1]


def fails(python, packages, log):
    raise SmokeTestFailed("The packages do not work.", "Press Set Up again.")


@pytest.mark.parametrize("action", ["test", "repair"])
def test_an_environment_that_passes_is_kept_with_the_requested_build(action, env_dir, created, monkeypatch):
    monkeypatch.setattr(
        actions, "run_smoke_test", lambda python, packages, log: SmokeTestResult("3.11.2", str(python), device="CPU")
    )
    done, last = run(action, env_dir)
    assert done
    assert last.state == "ready"
    assert created == []
    result = read_test_result(env_dir / "1" / FILE_NAME)
    assert (result.python, result.tool, result.requested_build, result.build) == ("3.11.2", "uv 1", "cpu", "cpu")


def test_a_failing_environment_is_reported_by_test_and_replaced_by_repair(env_dir, created, monkeypatch):
    monkeypatch.setattr(actions, "run_smoke_test", fails)
    with pytest.raises(SetupFailed, match="do not work. Press Check and Repair with online access"):
        run("test", env_dir)
    assert created == []
    run("repair", env_dir)
    assert created[0]["force"]


def test_testing_an_environment_that_is_not_ready_reports_why_and_creates_nothing(tmp_path, created):
    done, last = run("test", tmp_path / "env")
    assert not done
    assert last.state == "failed"
    assert "Setup has not been run yet" in last.message
    assert created == []


@pytest.mark.parametrize("action", ["test", "repair", "remove"])
def test_an_environment_locked_by_another_process_is_not_changed(action, env_dir, created):
    with hold_lock(env_dir), pytest.raises(SetupFailed, match="Another process is using.*Wait"):
        run(action, env_dir)
    assert find_problems(env_dir) == []
    assert created == []


@pytest.mark.parametrize(("kit", "force"), [("", False), ("/kit", True)])
def test_a_kit_replaces_a_ready_environment(kit, force, env_dir, created, monkeypatch):
    monkeypatch.setattr(actions, "load_verified_kit", lambda *arguments: SimpleNamespace(files=(), weights=None))
    run("make", env_dir, kit)
    assert created[0]["force"] is force


def test_removal_keeps_files_that_are_not_the_add_ons(env_dir):
    (env_dir / "uv-cache").mkdir()
    (env_dir / "thesis.txt").touch()
    done, last = run("remove", env_dir)
    assert done
    assert "was removed. Other files in it were not removed: thesis.txt." in last.message
    assert [path.name for path in env_dir.iterdir()] == ["thesis.txt"]
    with pytest.raises(SetupFailed, match="is not an environment of the add-on"):
        run("remove", env_dir)


def test_an_environment_of_the_first_versions_is_removed_with_its_folder(env_dir):
    for name in ("bin", "lib", "Scripts", "pyvenv.cfg"):
        (env_dir / name).mkdir()
    assert run("remove", env_dir)[0]
    assert not env_dir.exists()


def test_a_partly_removed_environment_is_not_ready_and_can_be_removed(env_dir, monkeypatch):
    def interrupted(path, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(remove.shutil, "rmtree", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run("remove", env_dir)
    assert "was only partly removed" in find_problems(env_dir)[0].message
    assert venv_python(env_dir / "1").exists()
    assert run("remove", env_dir)[0]
    assert not env_dir.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="uses a link to this Python as the worker")
def test_an_environment_in_use_is_not_removed(env_dir):
    command = [venv_python(env_dir / "1"), "-S", "-c", "print(flush=True); input()"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        worker.stdout.readline()
        with pytest.raises(SetupFailed, match="A program is still running in .*not removed"):
            run("remove", env_dir)
        assert find_problems(env_dir) == []
        assert read_manifest(env_dir).state == "ready"
    finally:
        worker.communicate(b"\n", timeout=30)
    assert run("remove", env_dir)[0]
    assert not env_dir.exists()
