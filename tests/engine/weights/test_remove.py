# SPDX-License-Identifier: GPL-3.0-or-later
"""Deleting a checkpoint: every file of every variant, and nothing else."""

import os

import pytest

from blender_text3d.engine.weights.catalogue import OFFICIAL, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.errors import DownloadFailed
from blender_text3d.engine.weights.remove import received_bytes, remove
from blender_text3d.system.file_lock import FileLock

CHECKPOINT = Checkpoint(
    "test/net", "", tuple(CheckpointFile(f"test/{name}.pt", OFFICIAL, (), 9) for name in "ab"), "", "", ""
)
SUFFIXES = ("", ".stamp.json", ".part", ".part.json", ".broken")


def put(folder, name, count):
    (folder / "test").mkdir(exist_ok=True)
    (folder / "test" / name).write_bytes(bytes(count))


def test_all_files_of_all_variants_are_deleted_and_their_bytes_counted(tmp_path):
    for power, suffix in enumerate(SUFFIXES):
        put(tmp_path, f"a.pt{suffix}", 2**power)
        put(tmp_path, f"b.pt{suffix}", 100 * 2**power)
    put(tmp_path, "c.pt", 5)
    assert remove(CHECKPOINT, tmp_path) == 31 + 3100
    assert sorted(os.listdir(tmp_path / "test")) == ["c.pt", "net.lock"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_single_file_is_deleted(tmp_path, suffix):
    put(tmp_path, f"b.pt{suffix}", 7)
    assert remove(CHECKPOINT, tmp_path) == 7
    assert os.listdir(tmp_path / "test") == ["net.lock"]


def test_without_files_nothing_is_freed_or_created(tmp_path):
    assert remove(CHECKPOINT, tmp_path / "none") == 0
    assert not (tmp_path / "none").exists()


def test_a_checkpoint_that_is_being_downloaded_is_kept(tmp_path):
    put(tmp_path, "a.pt.part", 7)
    with FileLock(tmp_path / "test/net.lock") as lock:
        lock.try_acquire()
        with pytest.raises(
            DownloadFailed, match="^test/net is being downloaded by another process. Stop that one first"
        ):
            remove(CHECKPOINT, tmp_path)
    assert (tmp_path / "test/a.pt.part").exists()
    assert remove(CHECKPOINT, tmp_path) == 7


@pytest.mark.parametrize(("sizes", "expected"), [({}, 0), ({"a": 3}, 3), ({"a": 3, "b": 5}, 5), ({"a": 5, "b": 3}, 5)])
def test_an_unfinished_download_counts_with_its_longest_variant(tmp_path, sizes, expected):
    for name, size in sizes.items():
        put(tmp_path, f"{name}.pt.part", size)
    assert received_bytes(CHECKPOINT, tmp_path) == expected
