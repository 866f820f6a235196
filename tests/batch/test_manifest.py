# SPDX-License-Identifier: GPL-3.0-or-later
"""manifest.parquet: a row for each object, whatever came before."""

import json
import shutil

import pyarrow as pa
import pytest
from pyarrow import parquet

from blender_text3d.batch import manifest
from blender_text3d.batch.manifest import VERSION_KEY, write_manifest
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.protocol.errors import BadRequest

SHA = "0" * 64


@pytest.fixture
def store(tmp_path):
    return ObjectStore(tmp_path / "out")


def facts_of(name, **others):
    files = {"glb": {"bytes": 5, "sha256": SHA}, "webp": {"bytes": 7, "sha256": SHA}}
    facts = {"id": name, "prompt": "a réd chair", "seed": 3, "model": "mini/shap-e", "parameters": {"steps": 4}}
    facts |= {"vertices": 4, "faces": 4, "watertight": True, "parts": 1, "box_m": [1.0, 0.5, 0.25], "seconds": 1.5}
    return {**facts, "attempt": 1, "license": "MIT", "files": files, **others}


def add(store, name, **others):
    with store.work_folder() as work:
        folder = work / name
        folder.mkdir()
        (folder / f"{name}.glb").write_bytes(b"12345")
        (folder / f"{name}.webp").write_bytes(b"1234567")
        (folder / f"{name}.json").write_text(json.dumps(facts_of(name, **others)))
        store.publish(folder, name)


def rows(store):
    table = parquet.read_table(store.out / "manifest.parquet")
    return {row["id"]: row for row in table.to_pylist()}


def test_objects_in_folders_and_shards_have_a_row_each(store):
    for name in "abc":
        add(store, name)
    store.pack(2)
    assert write_manifest(store) == ""
    found = rows(store)
    assert {name: row["shard"] for name, row in found.items()} == {"a": "000000.tar", "b": "000000.tar", "c": None}
    row = found["a"]
    assert (row["prompt"], row["seed"], row["faces"], row["watertight"]) == ("a réd chair", 3, 4, True)
    assert (row["box_x_m"], row["box_z_m"], json.loads(row["parameters"])) == (1.0, 0.25, {"steps": 4})
    content = (store.shards.folder / "000000.tar").read_bytes()
    assert json.loads(content[row["json_offset"] :][: row["json_bytes"]])["id"] == "a"
    assert content[row["webp_offset"] :][: row["webp_bytes"]] == b"1234567"


def test_a_folder_that_has_shards_alone_has_all_rows(store):
    add(store, "a")
    store.pack(1)
    write_manifest(ObjectStore(store.out))
    assert list(rows(store)) == ["a"]


def test_an_object_in_two_shards_has_one_row(store):
    for name in "ab":
        add(store, name)
    store.pack(2)
    for path in store.shards.folder.glob("000000.*"):
        shutil.copy(path, path.with_name(path.name.replace("000000", "000001")))
    write_manifest(store)
    assert parquet.read_table(store.out / "manifest.parquet")["id"].to_pylist() == ["a", "b"]


def test_every_manifest_has_the_same_columns(store):
    add(store, "a", points=9, watertight=None, parts=None)
    write_manifest(store)
    assert parquet.read_schema(store.out / "manifest.parquet").names == list(manifest.columns())
    assert (rows(store)["a"]["watertight"], rows(store)["a"]["judge_kind"]) == (None, None)


def test_without_an_object_the_manifest_has_its_columns(store):
    write_manifest(store)
    assert parquet.read_table(store.out / "manifest.parquet").num_rows == 0


@pytest.mark.parametrize("damage", [{"seed": "three"}, {"faces": 2**70}, {"box_m": [1]}, {"files": []}])
def test_an_object_with_damaged_facts_is_left_out(store, damage):
    add(store, "a")
    add(store, "b", **damage)
    add(store, "c")
    write_manifest(store)
    assert sorted(rows(store)) == ["a", "c"]


def test_a_damaged_index_is_replaced_by_what_the_shard_says(store):
    add(store, "a")
    add(store, "b")
    store.pack(2)
    write_manifest(store)
    before = rows(store)
    index = store.shards.folder / "000000.index.jsonl"
    index.write_bytes(index.read_bytes()[:-40])
    write_manifest(store)
    assert rows(store) == before


def test_a_run_that_made_few_of_many_objects_leaves_the_manifest_to_the_last(store, monkeypatch):
    monkeypatch.setattr(manifest, "MAX_ROWS_IN_EACH_RUN", 1)
    monkeypatch.setattr(manifest, "MIN_SHARE_MADE", 0.6)
    add(store, "a")
    add(store, "b")
    assert "Add --finish" in manifest.update_manifest(store, 1, is_last=False)
    assert not (store.out / "manifest.parquet").exists()
    assert manifest.update_manifest(store, 2, is_last=False) == ""
    add(store, "c")
    assert "Add --finish" in manifest.update_manifest(store, 1, is_last=False)
    assert sorted(rows(store)) == ["a", "b"]
    assert manifest.update_manifest(store, 0, is_last=True) == ""
    assert sorted(rows(store)) == ["a", "b", "c"]


@pytest.mark.parametrize("has_pyarrow", [True, False])
def test_a_complete_manifest_is_left_alone_by_a_run_that_made_nothing(store, monkeypatch, has_pyarrow):
    monkeypatch.setattr(manifest, "find_spec", lambda name: has_pyarrow or None)
    add(store, "a")
    manifest.update_manifest(store, 1, is_last=False)
    path = manifest.checked_path(store)
    before = path.stat().st_ino
    manifest.update_manifest(store, 0, is_last=False)
    assert path.stat().st_ino == before
    path.write_bytes(path.read_bytes()[:-9])
    manifest.update_manifest(store, 1, is_last=False)
    assert manifest.rows_of_manifest(path) == 1


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_manifest_that_was_half_written_is_replaced(store, share):
    add(store, "a")
    write_manifest(store)
    path = store.out / "manifest.parquet"
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    write_manifest(store)
    assert list(rows(store)) == ["a"]


def test_a_manifest_of_a_newer_version_is_left_alone(store):
    add(store, "a")
    path = store.out / "manifest.parquet"
    schema = pa.schema([pa.field("id", pa.string())], metadata={VERSION_KEY: "2"})
    parquet.write_table(pa.Table.from_pylist([{"id": "x"}], schema), path)
    before = path.read_bytes()
    with pytest.raises(BadRequest, match="has version 2"):
        write_manifest(store)
    assert path.read_bytes() == before


def test_without_pyarrow_json_lines_have_the_same_columns(store, monkeypatch):
    monkeypatch.setattr(manifest, "find_spec", lambda name: None)
    add(store, "a")
    assert "manifest.jsonl was written instead" in write_manifest(store)
    head, row = map(json.loads, (store.out / "manifest.jsonl").read_text().splitlines())
    assert (head, list(row)) == ({VERSION_KEY: 1}, list(manifest.columns()))
    (store.out / "manifest.jsonl").write_text(json.dumps({VERSION_KEY: 2}) + "\n")
    with pytest.raises(BadRequest, match="has version 2"):
        write_manifest(store)
