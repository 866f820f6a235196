# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that removes an environment: what is removed with it, what is kept, and what is told."""

import subprocess
import sys

import pytest

from blender_text3d.environment import lock, remove
from blender_text3d.environment.check import find_problems
from blender_text3d.environment.errors import Problem, SetupFailed
from blender_text3d.environment.manifest import read_manifest
from blender_text3d.environment.paths import log_path, venv_python
from blender_text3d.environment.progress import Progress
from tests.environment.ready_environment import all_sent, write_ready_environment


@pytest.fixture
def env_dir(tmp_path, monkeypatch):
    """An environment that is ready, in the data folder; no test waits."""
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path))
    for module in (lock, remove):
        monkeypatch.setattr(module, "RETRY_FOR_S", 0.0)
    return write_ready_environment(tmp_path / "env")


def run(action, env_dir):
    done, sent = all_sent(action, env_dir)
    return done, sent[-1]


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
        worker.communicate(b"\n", timeout=600)
    assert run("remove", env_dir)[0]
    assert not env_dir.exists()


def test_a_removal_takes_the_log_and_the_copies_of_the_workers_code_along(env_dir, tmp_path):
    (tmp_path / "worker-code" / "1").mkdir(parents=True)
    (tmp_path / "jobs").mkdir()
    log_path(env_dir).touch()
    assert all_sent("remove", env_dir) == (
        True,
        [
            Progress("Removing the environment", 0.1),
            Progress(f"The Python environment {env_dir} was removed.", 1.0, "ready"),
        ],
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["env.lock", "jobs"]


def test_the_workers_code_is_kept_if_the_environment_lies_elsewhere(env_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "data"))
    (tmp_path / "data" / "worker-code").mkdir(parents=True)
    (tmp_path / "worker-code").mkdir()
    all_sent("remove", env_dir)
    assert (tmp_path / "data" / "worker-code").exists()
    assert (tmp_path / "worker-code").exists()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["b", "a"], " Other files in it were not removed: a, b."),
        (["c", "b", "a"], " Other files in it were not removed: a, b, c."),
        (["d", "c", "b", "a"], " Other files in it were not removed: a, b, c and 1 more."),
        (["e", "d", "c", "b", "a"], " Other files in it were not removed: a, b, c and 2 more."),
    ],
)
def test_up_to_three_files_that_stay_are_named(names, told, env_dir):
    for name in names:
        (env_dir / name).touch()
    assert all_sent("remove", env_dir)[1][-1].message == f"The Python environment {env_dir} was removed.{told}"


def test_a_folder_of_others_is_not_removed(tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(SetupFailed) as caught:
        all_sent("remove", tmp_path / "mine")
    assert caught.value.problem == Problem(
        f"{tmp_path / 'mine'} is not an environment of the add-on.", "Nothing was removed."
    )
