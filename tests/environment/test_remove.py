# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing an environment from the disk: its own files, last of all its manifest, and only when nothing runs in it."""

import errno
import os
import stat
from types import SimpleNamespace

import pytest

from blender_text3d.environment import remove
from blender_text3d.environment.errors import Problem, SetupFailed
from blender_text3d.environment.manifest import FILE_NAME, Manifest, read_manifest, write_manifest
from blender_text3d.environment.remove import remove_environment


@pytest.fixture
def env_dir(tmp_path, monkeypatch):
    """An environment with two versions, which no program uses."""
    env_dir = tmp_path / "env"
    for folder in ("1", "2", "uv", "uv-cache"):
        (env_dir / folder).mkdir(parents=True)
        (env_dir / folder / "file").touch()
    (env_dir / "pyvenv.cfg").touch()
    write_manifest(env_dir, Manifest("ready", "ab", "/x", "2"))
    monkeypatch.setattr(remove, "is_in_use", lambda env_dir: False)
    return env_dir


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping moves; the durations that were slept."""
    slept = []
    double = SimpleNamespace(monotonic=lambda: 100.0 + sum(slept), sleep=slept.append)
    monkeypatch.setattr(remove, "time", double)
    return slept


def problem_of(env_dir) -> Problem:
    with pytest.raises(SetupFailed) as caught:
        remove_environment(env_dir)
    return caught.value.problem


def test_all_of_an_environment_is_removed_and_its_neighbours_are_kept(env_dir):
    env_dir.with_name("env.lock").touch()
    remove_environment(env_dir)
    assert [path.name for path in env_dir.parent.iterdir()] == ["env.lock"]


def test_the_manifest_is_marked_first_and_removed_last(env_dir, monkeypatch):
    seen = []
    real = remove._remove
    monkeypatch.setattr(remove, "_remove", lambda path: (seen.append((path.name, read_manifest(env_dir))), real(path)))
    remove_environment(env_dir)
    assert seen[-1][0] == FILE_NAME
    assert {manifest for _, manifest in seen} == {Manifest("removing", "ab", "/x", "2")}


def test_files_of_others_keep_the_folder(env_dir):
    (env_dir / "thesis.txt").touch()
    remove_environment(env_dir)
    assert [path.name for path in env_dir.iterdir()] == ["thesis.txt"]


def test_a_link_to_a_folder_elsewhere_is_removed_and_not_what_it_leads_to(env_dir, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine").touch()
    (env_dir / "3").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    remove_environment(env_dir)
    assert not env_dir.exists()
    assert (tmp_path / "elsewhere" / "mine").exists()


def test_a_linked_environment_is_emptied_and_the_link_kept(env_dir, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(env_dir, target_is_directory=True)
    remove_environment(link)
    assert link.is_symlink()
    assert list(env_dir.iterdir()) == []


def test_a_read_only_file_is_made_writable_and_removed(env_dir, monkeypatch):
    real = os.unlink
    modes = []

    def unlink(path, **options):
        mode = os.stat(path, **options).st_mode
        if str(path).endswith("file") and not mode & stat.S_IXUSR:
            modes.append(mode)
            raise PermissionError(errno.EACCES, "Access is denied", str(path))
        real(path, **options)

    monkeypatch.setattr(os, "unlink", unlink)
    remove_environment(env_dir)
    assert modes
    assert not env_dir.exists()


def test_a_file_that_stays_locked_is_named_and_the_environment_can_be_removed_again(env_dir, monkeypatch):
    def refuse(path, **options):
        raise PermissionError(errno.EACCES, "Access is denied", str(env_dir / "1" / "file"))

    with monkeypatch.context() as patch:
        patch.setattr(remove.shutil, "rmtree", refuse)
        assert problem_of(env_dir) == Problem(
            f"{env_dir / '1' / 'file'} could not be removed: Access is denied.",
            "Close the program that uses it, and try again.",
        )
    assert read_manifest(env_dir).state == "removing"
    remove_environment(env_dir)
    assert not env_dir.exists()


def test_without_a_manifest_nothing_is_removed(env_dir):
    (env_dir / FILE_NAME).unlink()
    assert problem_of(env_dir).message == f"{env_dir / FILE_NAME} could not be removed: No such file or directory."
    assert (env_dir / "1" / "file").exists()


def test_a_worker_that_exits_is_waited_for(env_dir, clock, monkeypatch):
    monkeypatch.setattr(remove, "is_in_use", lambda env_dir: len(clock) < 3)
    remove_environment(env_dir)
    assert clock == [0.2, 0.2, 0.2]
    assert not env_dir.exists()


def test_a_worker_that_stays_is_reported_after_ten_seconds_and_nothing_was_changed(env_dir, clock, monkeypatch):
    monkeypatch.setattr(remove, "is_in_use", lambda env_dir: True)
    assert problem_of(env_dir) == Problem(
        f"A program is still running in the Python environment {env_dir}, so it was not removed.",
        "Close the program, such as another Blender, and remove the environment again.",
    )
    assert sum(clock) == pytest.approx(10, abs=0.21)
    assert read_manifest(env_dir).state == "ready"
    assert (env_dir / "1" / "file").exists()
