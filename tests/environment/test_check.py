# SPDX-License-Identifier: GPL-3.0-or-later
"""Each problem of an environment is told from its files, with the action that solves it."""

import sys

import pytest

from blender_text3d.environment.check import CREATE, REMOVE, REPAIR, find_problems, has_python, is_ready
from blender_text3d.environment.errors import Problem
from blender_text3d.environment.lock import hold_lock
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.paths import venv_python
from blender_text3d.environment.requirements import WORKER


@pytest.fixture
def env_dir(tmp_path):
    """An environment whose version in use is "1", with a link to this Python."""
    env_dir = tmp_path / "env"
    python = venv_python(env_dir / "1")
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return env_dir


def mark(env_dir, state="ready", sha256=WORKER.sha256, base="/gone/python", folder="1"):
    write_manifest(env_dir, Manifest(state, sha256, base, folder))


def test_a_complete_environment_of_the_workers_packages_is_ready(env_dir):
    mark(env_dir)
    assert find_problems(env_dir) == []
    assert is_ready(env_dir)


def test_a_setup_that_runs_does_not_stop_the_use_of_a_ready_environment(env_dir):
    mark(env_dir)
    with hold_lock(env_dir):
        assert is_ready(env_dir)


@pytest.mark.parametrize(
    ("state", "sha256", "message", "fix"),
    [
        ("removing", WORKER.sha256, "was only partly removed.", REMOVE),
        ("making", WORKER.sha256, "is incomplete.", REPAIR),
        ("making", "other", "is incomplete.", REPAIR),
        ("ready", "other", "was created for another version of the add-on.", REPAIR),
    ],
)
def test_an_unusable_environment_is_told_with_its_cause_unless_it_is_being_created(
    state, sha256, message, fix, env_dir
):
    mark(env_dir, state, sha256)
    assert find_problems(env_dir) == [Problem(f"The Python environment {env_dir} {message}", fix)]
    assert not is_ready(env_dir)
    with hold_lock(env_dir):
        assert find_problems(env_dir) == [
            Problem(f"The Python environment {env_dir} is being created.", "Wait until it is ready.")
        ]


def test_the_fixes_name_the_button_and_the_command():
    assert "Press Set Up in the add-on's preferences" in CREATE
    assert CREATE.endswith("`python -m blender_text3d.environment make`.")
    assert "to repair it" in REPAIR
    assert REPAIR.endswith("environment make`.")
    assert "environment remove`" in REMOVE


def test_other_packages_than_the_workers_can_be_asked_for(env_dir, tiny):
    mark(env_dir, sha256=tiny.sha256)
    assert is_ready(env_dir, tiny)
    assert not is_ready(env_dir)


def test_a_missing_or_empty_folder_was_not_set_up(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "nowhere"):
        assert find_problems(tmp_path / name) == [Problem("Setup has not been run yet.", CREATE)]


def test_a_folder_with_other_files_needs_another_folder(tmp_path):
    (tmp_path / "thesis.txt").touch()
    message = f"The folder {tmp_path} contains other files, so no Python environment can be created in it."
    assert find_problems(tmp_path) == [Problem(message, "Choose an empty or new folder.")]


def test_a_removed_python_is_told_with_the_one_it_was_made_from(env_dir):
    mark(env_dir)
    venv_python(env_dir / "1").unlink()
    message = f"The Python environment {env_dir} was created from /gone/python, which no longer exists."
    assert find_problems(env_dir) == [Problem(message, REPAIR)]


def test_a_link_to_a_python_works_without_a_base_and_a_copy_only_with_one(env_dir, tmp_path):
    def has_it(base):
        mark(env_dir, base=str(base))
        return has_python(env_dir, Manifest("ready", "", str(base), "1"))

    python = venv_python(env_dir / "1")
    assert has_it("/gone/python")
    python.unlink()
    python.symlink_to(tmp_path / "gone")
    assert not has_it(sys.executable)
    python.unlink()
    python.touch()
    assert not has_it(tmp_path / "gone")
    assert has_it(sys.executable)
    (tmp_path / "link").symlink_to(tmp_path / "gone")  # as an app alias of Windows, which cannot be followed
    assert has_it(tmp_path / "link")
    python.unlink()
    assert not has_it(sys.executable)
