# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/report.py on the folder of a chunk."""

import io
import json

import pytest
from PIL import Image

from blender_text3d.batch.manifest import write_manifest
from blender_text3d.batch.object_facts import described, write_row_values
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.batch.recipe_command import generate_command
from blender_text3d.protocol.job_recipe import job_recipe
from blender_text3d.protocol.request import make_requests
from scripts import report
from scripts.cli.report_chunk import chunk_rows
from scripts.cli.report_page import row_json


def webp():
    content = io.BytesIO()
    Image.new("RGBA", (64, 64), (200, 30, 30, 255)).save(content, "WEBP")
    return content.getvalue()


@pytest.fixture
def store(tmp_path):
    return ObjectStore(tmp_path)


def make(store, name, prompt="a red chair", **facts):
    """The files of an object as a chunk writes them."""
    (request,) = make_requests(prompt, seed=1)
    recipe = job_recipe("job", request, [])
    content = {"parameters": recipe, "seconds": 1.5, "faces": 10, "vertices": 7, "points": 0, "device_name": "CPU"}
    content |= {"box_m": [0.5, 0.6, 1.0], "watertight": True, "parts": 2, "files": {"glb": {}, "webp": {}}, **facts}
    folder = store.folder_of(name)
    folder.mkdir()
    (folder / f"{name}.json").write_text(json.dumps(content))
    (folder / f"{name}.glb").write_bytes(bytes(100))
    (folder / f"{name}.webp").write_bytes(webp())
    return folder


def test_objects_of_a_chunk_have_their_facts_and_pictures(store, capsys):
    make(store, "ab12")
    (row,) = chunk_rows(store.out)
    assert (row.status, row.faces, row.seconds, row.device, row.kind) == ("complete", 10, 1.5, "CPU", "chair")
    assert row.details == {"Size": "0.5 × 0.6 × 1 m", "Watertight": "yes", "Parts": "2"}
    assert (row.files, row.size_bytes) == ({"glb": "ab12.glb", "webp": "ab12.webp"}, 100 + len(webp()))
    assert report.main([str(store.out)]) == 0
    text = (store.out / "report.html").read_text(encoding="utf-8")
    assert "data:image/webp;base64," in text
    assert '"folder":"objects/ab12"' in text


def test_the_recipe_of_a_chunk_has_a_command(store):
    make(store, "ab12")
    (row,) = chunk_rows(store.out)
    facts = {"view": "view_0.png", "view_score": 0.5, "image_weights_sha256": "ab"}
    assert generate_command(row.recipe | facts)[0].endswith("scripts/generate.py --seed 1 'a red chair'")


def test_only_failures_that_were_not_made_later_are_told_with_their_last_reason(store):
    make(store, "made")
    for name, reason in (("made", "first"), ("lost", "first"), ("lost", "second")):
        store.failures.record({"id": name, "prompt": "a mug", "seed": 3, "model": "mini/shap-e", "reason": reason})
    with store.failures.path.open("ab") as file:
        file.write(b'{"id": 5}\n[]\n{\n\xff\n')
    rows = {row.name: row for row in chunk_rows(store.out)}
    assert {name: row.status for name, row in rows.items()} == {"made": "complete", "lost": "failed"}
    assert (rows["lost"].reason, rows["lost"].setting("prompt")) == ("second", "a mug")
    assert not {"command", "note"} & json.loads(row_json(rows["lost"], 64, True)).keys()


@pytest.mark.parametrize(
    "facts",
    [
        {"seconds": "x", "faces": -1, "box_m": [1, "a", None], "parts": [], "watertight": 5, "files": 3},
        {"files": {"../../secret": {}}, "parameters": [], "device_name": ["<b>"], "license": {}},
        {"box_m": {}, "attempt": True, "seconds": 1e400},
    ],
)
def test_facts_of_other_types_are_left_out(store, facts):
    make(store, "ab12", **facts)
    (row,) = chunk_rows(store.out)
    assert row.status == "complete"
    assert report.main([str(store.out)]) == 0


def test_broken_objects_are_told_and_links_are_not_followed(store, tmp_path):
    (make(store, "broken") / "broken.json").write_text("{")
    (store.folder_of("linked")).symlink_to(make(store, "whole"))
    rows = {row.name: row.status for row in chunk_rows(store.out)}
    assert rows == {"broken": "failed", "whole": "complete"}


def test_a_chunk_without_objects_is_refused(store, capsys):
    assert report.main([str(store.out)]) == 2
    assert "has no results" in capsys.readouterr().err


def page_rows(store):
    """Rows as the written page has them."""
    assert report.main([str(store.out)]) == 0
    text = (store.out / "report.html").read_text(encoding="utf-8")
    start = text.index("[", text.index('id="data"'))
    return {row["name"]: row for row in json.loads(text[start : text.index("</script>", start)])}


def pack(store, *names):
    """Pack objects, whose facts have what those of a chunk have."""
    for name in names:
        folder = make(store, name, id=name)
        facts = json.loads((folder / f"{name}.json").read_text())
        facts["files"] = {end: described((folder / f"{name}.{end}").read_bytes()) for end in ("glb", "webp")}
        del facts["seconds"]
        (folder / f"{name}.json").write_text(json.dumps(facts))
        write_row_values(folder, {"seconds": 2.5, "attempt": 2, "judge_kind": "chair", "judge_color": "red"})
    assert store.pack(len(names)) == 1


def test_packed_objects_have_their_facts_and_pictures_without_unpacking(store):
    pack(store, "ab12", "cd34")
    make(store, "ef56")
    rows = page_rows(store)
    assert sorted(rows) == ["ab12", "cd34", "ef56"]
    packed, loose = rows["ab12"], rows["ef56"]
    assert packed["picture"] == loose["picture"] != ""
    assert (packed["seconds"], packed["faces"], packed["bytes"] > 100) == (2.5, 10, True)
    assert (
        packed["details"] | {"Shard": "shards/000000.tar", "Looks like": "red chair", "Attempt": "2"}
        == packed["details"]
    )
    assert packed["command"] == loose["command"] != ""


@pytest.mark.parametrize("has_manifest", [True, False])
def test_a_shard_without_an_index_is_read_from_the_manifest(store, capsys, has_manifest):
    pack(store, "ab12", "cd34")
    before = page_rows(store)
    if has_manifest:
        write_manifest(store)
    (store.out / "shards" / "000000.index.jsonl").unlink()
    make(store, "ef56")
    rows = page_rows(store)
    assert "Tar files without an index: 1." in capsys.readouterr().err
    assert sorted(rows) == (["ab12", "cd34", "ef56"] if has_manifest else ["ef56"])
    if has_manifest:
        names = ("picture", "command", "bytes", "seconds", "details", "faces")
        assert [rows["ab12"][name] for name in names] == [before["ab12"][name] for name in names]


@pytest.mark.parametrize("damage", ["other bytes", "cut", "no shard", "link", "offset"])
def test_a_picture_that_is_not_what_the_index_says_is_left_out(store, tmp_path, damage):
    pack(store, "ab12", "cd34")
    shard, index = store.out / "shards" / "000000.tar", store.out / "shards" / "000000.index.jsonl"
    content = shard.read_bytes()
    if damage == "other bytes":
        index.write_text(index.read_text().replace(described(webp())["sha256"], "0" * 64))
    elif damage == "cut":
        shard.write_bytes(content[:600])
    elif damage == "offset":
        index.write_text(index.read_text().replace('"offset": ', '"offset": 9' + 20 * "9"))
    else:
        shard.rename(tmp_path / "elsewhere")
        (shard.symlink_to if damage == "link" else shard.mkdir)(*[tmp_path / "elsewhere"][: damage == "link"])
    rows = page_rows(store)
    assert {name: row.get("picture") for name, row in rows.items()} == {"ab12": None, "cd34": None}


def test_lines_of_an_index_that_cannot_be_read_are_left_out(store):
    pack(store, "ab12", "cd34")
    index = store.out / "shards" / "000000.index.jsonl"
    index.write_bytes(
        index.read_bytes() + b'{"id": "../x"}\n[]\n{"id": 5}\n\xff\n{"id": "zz", "files": [], "box_m": 5}\n{'
    )
    assert sorted(page_rows(store)) == ["ab12", "cd34", "zz"]


def test_a_failure_of_a_chunk_has_its_recipe_and_command(store):
    make(store, "ab12")
    (request,) = make_requests("a crash", seed=7)
    recipe = request.to_values()
    store.failures.record({"id": "lost", "prompt": "a crash", "seed": 7, "reason": "It broke.", "recipe": recipe})
    row = page_rows(store)["lost"]
    assert (row["command"], row["recipe"]["seed"]) == ("python3 scripts/generate.py --seed 7 'a crash'", 7)
