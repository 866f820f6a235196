# SPDX-License-Identifier: GPL-3.0-or-later
"""Shards: packed once, found by their indexes, repaired when they were cut."""

import hashlib
import json
import os
import tarfile

import pytest

from blender_text3d.batch import shards
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.batch.shard_index import index_path, read_rows
from blender_text3d.protocol.errors import BadRequest


@pytest.fixture
def store(tmp_path):
    return ObjectStore(tmp_path / "out")


def add(store, *names):
    with store.work_folder() as work:
        for name in names:
            folder = work / name
            folder.mkdir()
            content = f"object {name}".encode() * 100
            (folder / f"{name}.glb").write_bytes(content)
            files = {"glb": {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}}
            (folder / f"{name}.json").write_text(json.dumps({"id": name, "files": files}))
            store.publish(folder, name)


def packed(store, *names, size=2):
    add(store, *names)
    store.shards.pack(store.folders, size)
    return store.shards.paths()


def test_full_shards_are_packed_and_the_rest_stays(store):
    paths = packed(store, *"abcde")
    assert [path.name for path in paths] == ["000000.tar", "000001.tar"]
    assert [folder.name for folder in store.folders()] == ["e"]
    assert all(map(store.has, "abcde"))
    assert not store.has("f")


def test_the_rest_is_packed_on_request(store):
    packed(store, *"abc")
    assert store.shards.pack(store.folders, 2, has_rest=True) == 1
    assert store.folders() == []
    assert all(map(store.has, "abc"))


def test_the_files_of_an_object_stand_together_without_time_and_owner(store):
    (path,) = packed(store, "a", "b")
    with tarfile.open(path) as tar:
        members = tar.getmembers()
    assert [info.name for info in members] == ["a.glb", "a.json", "b.glb", "b.json"]
    assert {(info.mtime, info.uid, info.gid, info.uname) for info in members} == {(0, 0, 0, "")}


def test_the_index_tells_where_each_file_begins(store):
    (path,) = packed(store, "a", "b")
    for row in read_rows(path):
        file = row["files"]["glb"]
        content = path.read_bytes()[file["offset"] :][: file["bytes"]]
        assert (hashlib.sha256(content).hexdigest(), row["shard"]) == (file["sha256"], "000000.tar")


def test_a_later_run_knows_packed_objects_without_opening_shards(store):
    (path,) = packed(store, "a", "b")
    path.chmod(0)
    assert ObjectStore(store.out).has("a")


def test_another_process_learns_of_new_shards(store):
    other = ObjectStore(store.out)
    assert not other.has("a")
    packed(store, "a", "b")
    assert other.has("a")


def test_an_object_that_was_packed_meanwhile_is_not_published_again(store):
    packed(store, "a", "b")
    add(store, "a")
    assert store.folders() == []


def test_folders_of_a_packer_that_was_killed_are_removed(store, monkeypatch):
    add(store, "a", "b")
    with monkeypatch.context() as patch:
        patch.setattr(shards.shutil, "rmtree", lambda *_, **__: None)
        store.shards.pack(store.folders, 2)
    assert len(store.folders()) == 2
    assert ObjectStore(store.out).shards.pack(store.folders, 1) == 0
    assert store.folders() == []


def test_a_lost_index_is_written_again(store):
    (path,) = packed(store, "a", "b")
    before = index_path(path).read_bytes()
    index_path(path).unlink()
    again = ObjectStore(store.out)
    assert not again.has("a")
    assert again.repair() == ["000000.tar had no index. It was written again."]
    assert again.has("a")
    assert index_path(path).read_bytes() == before


@pytest.mark.parametrize("has_index", [True, False])
def test_the_whole_objects_of_a_cut_shard_are_taken_out(store, has_index):
    (path,) = packed(store, "a", "b", "c", size=3)
    with tarfile.open(path) as tar:
        end = tar.getmember("b.glb").offset_data + 20
    path.write_bytes(path.read_bytes()[:end])
    if not has_index:
        index_path(path).unlink()
    again = ObjectStore(store.out)
    (sentence,) = again.repair()
    assert "000000.tar is damaged: 1 of its objects" in sentence
    assert [name for name in "abc" if again.has(name)] == ["a"]
    assert again.repair() == []
    assert [shard.name for shard in packed(again, "b", "c")] == ["000001.tar"]


def test_a_changed_file_in_a_shard_without_an_index_is_not_taken_out(store):
    (path,) = packed(store, "a", "b")
    path.write_bytes(path.read_bytes().replace(b"object b", b"object B", 1))
    index_path(path).unlink()
    again = ObjectStore(store.out)
    again.repair()
    assert [name for name in "ab" if again.has(name)] == ["a"]


def test_an_index_of_a_newer_version_is_refused(store):
    (path,) = packed(store, "a", "b")
    index_path(path).write_text(json.dumps({"version": 2, "bytes": 1, "ids": []}))
    with pytest.raises(BadRequest, match="has version 2"):
        ObjectStore(store.out).has("a")


def test_packers_that_do_not_see_each_others_locks_write_different_shards(store, monkeypatch):
    add(store, "a", "b")
    real = shards.write_shard

    def other_packs_meanwhile(shard, folders):
        monkeypatch.setattr(shards, "write_shard", real)
        other = ObjectStore(store.out)
        with monkeypatch.context() as patch:
            patch.setattr(shards.FileLock, "try_acquire", lambda *_: True)
            patch.setattr(shards.shutil, "rmtree", lambda *_, **__: None)  # the first one still reads the folders
            other.shards.pack(other.folders, 2)
        return real(shard, folders)

    monkeypatch.setattr(shards, "write_shard", other_packs_meanwhile)
    store.shards.pack(store.folders, 2)
    assert [path.name for path in store.shards.paths()] == ["000000.tar", "000001.tar"]
    for name in ("000000", "000001"):
        with tarfile.open(store.shards.folder / f"{name}.tar") as tar:
            assert tar.getnames() == ["a.glb", "a.json", "b.glb", "b.json"]
    assert not list(store.shards.folder.glob("*.claim"))
    assert ObjectStore(store.out).repair() == []


def test_a_folder_whose_time_goes_back_still_tells_of_new_shards(store):
    packed(store, "a", "b")
    os.utime(store.shards.folder, (4e9, 4e9))  # a machine whose clock is wrong
    other = ObjectStore(store.out)
    assert other.has("a")
    packed(store, "c", "d")
    assert store.shards.folder.stat().st_mtime < 4e9
    assert other.has("c")


def test_a_packer_gives_way_to_another(store, monkeypatch):
    monkeypatch.setattr(shards, "LOCK_TIMEOUT_S", 0.0)
    packed(store, "a", "b")
    add(store, "c", "d")
    with shards.FileLock(store.shards.folder / shards.LOCK_NAME) as lock:
        assert lock.try_acquire()
        assert store.shards.pack(store.folders, 2) == 0
    assert len(store.folders()) == 2
