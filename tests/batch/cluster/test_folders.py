# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders and files of a run: one run at a time, and nothing stays of runs that were killed."""

import os

import pytest

from blender_text3d.batch.cluster import folder_lock, socket_folder
from blender_text3d.batch.cluster.errors import FolderTaken
from blender_text3d.batch.cluster.folder_lock import held
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.system.file_lock import FileLock


@pytest.fixture
def store(tmp_path):
    return ObjectStore(tmp_path / "out")


def test_a_folder_is_held_by_one_run_and_free_afterwards(store):
    with held(store.out, store.work) as marker:
        assert (store.out / marker).is_file()
        with pytest.raises(FolderTaken, match="Another run is filling"), held(store.out, store.work):
            pass
        assert (store.out / marker).is_file()
    assert not (store.out / marker).exists()
    with held(store.out, store.work):
        pass


def test_the_marker_of_a_killed_run_is_removed(store):
    (store.work / "run-0123456789abcdef").touch()
    with held(store.out, store.work) as marker:
        assert [path.name for path in store.work.glob("run-*")] == [marker.split("/")[1]]


def test_a_drive_without_locks_is_used(store, monkeypatch):
    def no_locks(*_):
        raise OSError("no locks")

    monkeypatch.setattr(folder_lock.FileLock, "try_acquire", no_locks)
    with held(store.out, store.work) as marker:
        assert (store.out / marker).is_file()


def test_a_folder_of_sockets_is_removed_at_the_end_and_so_are_those_of_killed_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(socket_folder, "PARENT", tmp_path)
    left, foreign = tmp_path / "t3d-ray-left", tmp_path / "ray-other"
    for folder in (left, foreign):
        folder.mkdir()
        (folder / "in-use").touch()
    with socket_folder.socket_folder() as first, socket_folder.socket_folder() as second:
        assert first.is_dir()
        assert second.is_dir()
        assert not left.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["ray-other"]


def test_paths_of_sockets_are_short_enough_for_ray():
    with socket_folder.socket_folder() as folder:
        longest = folder / "session_2026-11-29_16-13-26_086024_4194304/sockets/plasma_store"
        assert len(os.fsencode(longest)) <= 103


def test_a_folder_of_another_user_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(socket_folder, "PARENT", tmp_path)
    other = tmp_path / "t3d-ray-other"
    other.mkdir()
    FileLock(other / "in-use").file.close()
    monkeypatch.setattr(socket_folder.os, "getuid", lambda: 12345, raising=False)
    with socket_folder.socket_folder():
        assert other.is_dir()
