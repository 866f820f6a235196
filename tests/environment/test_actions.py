# SPDX-License-Identifier: GPL-3.0-or-later
"""What the set-up's command line does with an environment that is there: test it, renew it from a kit, remove it."""

import subprocess
import sys
from argparse import Namespace
from types import SimpleNamespace

import pytest

from blender_text3d.environment import actions, create, remove
from blender_text3d.environment.actions import ACTIONS
from blender_text3d.environment.check import find_problems
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.lock import hold_lock
from blender_text3d.environment.manifest import Manifest, read_manifest, write_manifest
from blender_text3d.environment.paths import venv_python
from blender_text3d.environment.requirements import WORKER
from blender_text3d.environment.smoke_test import SmokeTestFailed
from blender_text3d.environment.test_result import FILE_NAME, SmokeTestResult, read_test_result, write_test_result


@pytest.fixture
def env_dir(tmp_path, monkeypatch):
    """An environment that is ready by its files, with a stamp; nothing is waited for."""
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path))
    for module in (create, remove):
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
def made(monkeypatch):
    """What the maker was told, instead of making anything."""
    told = []
    monkeypatch.setattr(actions, "create_environment", lambda env_dir, report, **words: told.append(words))
    return told


def do(action, env_dir, kit=""):
    said = []
    options = Namespace(env=env_dir, python="", torch="auto", torch_index="", kit=kit)
    return ACTIONS[action](options, said.append), said[-1]


def fails(python, packages, log):
    raise SmokeTestFailed("The packages do not work.", "Press Set Up again.")


@pytest.mark.parametrize("action", ["test", "repair"])
def test_an_environment_that_passes_is_left_and_what_was_wished_for_stays_known(action, env_dir, made, monkeypatch):
    monkeypatch.setattr(
        actions, "run_smoke_test", lambda python, packages, log: SmokeTestResult("3.11.2", str(python), device="CPU")
    )
    done, last = do(action, env_dir)
    assert done and last.state == "ready" and made == []
    stamp = read_test_result(env_dir / "1" / FILE_NAME)
    assert (stamp.python, stamp.tool, stamp.requested_build, stamp.build) == ("3.11.2", "uv 1", "cpu", "cpu")


def test_one_that_fails_is_told_by_the_test_and_made_anew_by_the_repair(env_dir, made, monkeypatch):
    monkeypatch.setattr(actions, "run_smoke_test", fails)
    with pytest.raises(SetupFailed, match="do not work. Press Check and Repair with online access"):
        do("test", env_dir)
    assert made == []
    do("repair", env_dir)
    assert made[0]["is_anew"]


def test_the_test_of_one_that_is_not_ready_says_why_and_makes_nothing(tmp_path, made):
    done, last = do("test", tmp_path / "env")
    assert not done and last.state == "failed" and "has not been made yet" in last.message and made == []


@pytest.mark.parametrize("action", ["test", "repair", "remove"])
def test_one_that_another_process_makes_is_left_alone(action, env_dir, made):
    with hold_lock(env_dir), pytest.raises(SetupFailed, match="Another process is making.*Wait"):
        do(action, env_dir)
    assert find_problems(env_dir) == [] and made == []


@pytest.mark.parametrize(("kit", "is_anew"), [("", False), ("/kit", True)])
def test_a_kit_renews_what_is_ready(kit, is_anew, env_dir, made, monkeypatch):
    monkeypatch.setattr(actions, "load_verified_kit", lambda *words: SimpleNamespace(files=(), weights=None))
    do("make", env_dir, kit)
    assert made[0]["is_anew"] is is_anew


def test_to_remove_takes_what_is_ours_and_leaves_what_is_not(env_dir):
    (env_dir / "uv-cache").mkdir()
    (env_dir / "thesis.txt").touch()
    done, last = do("remove", env_dir)
    assert done and "was removed. Other files in it were left alone: thesis.txt." in last.message
    assert [path.name for path in env_dir.iterdir()] == ["thesis.txt"]
    with pytest.raises(SetupFailed, match="no environment of ours"):
        do("remove", env_dir)


def test_an_environment_of_an_older_version_goes_with_its_folder(env_dir):
    for name in ("bin", "lib", "Scripts", "pyvenv.cfg"):
        (env_dir / name).mkdir()
    assert do("remove", env_dir)[0] and not env_dir.exists()


def test_one_that_was_removed_in_part_does_not_pass_for_ready_and_can_be_removed(env_dir, monkeypatch):
    def crash_finding(path, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(remove.shutil, "rmtree", crash_finding)
        do("remove", env_dir)
    assert "was removed in part only" in find_problems(env_dir)[0].message and venv_python(env_dir / "1").exists()
    assert do("remove", env_dir)[0] and not env_dir.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a link to this Python stands for a running worker")
def test_one_in_which_a_worker_runs_is_not_removed(env_dir):
    command = [venv_python(env_dir / "1"), "-S", "-c", "print(flush=True); input()"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        worker.stdout.readline()
        with pytest.raises(SetupFailed, match="A program still runs in .*left as it is"):
            do("remove", env_dir)
        assert find_problems(env_dir) == [] and read_manifest(env_dir).state == "ready"
    finally:
        worker.communicate(b"\n", timeout=30)
    assert do("remove", env_dir)[0] and not env_dir.exists()
