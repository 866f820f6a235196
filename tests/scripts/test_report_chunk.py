# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/report.py on the folder of a chunk."""

import io
import json

import pytest
from PIL import Image

from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.protocol.job_recipe import job_recipe
from blender_text3d.protocol.request import make_requests
from scripts import report
from scripts.cli.report_chunk import chunk_rows
from scripts.cli.report_command import generate_command
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
        store.record_failure({"id": name, "prompt": "a mug", "seed": 3, "model": "mini/shap-e", "reason": reason})
    with store.failures.open("ab") as file:
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


def test_objects_in_tar_files_are_told_to_be_missing(store, capsys):
    make(store, "ab12")
    (store.out / "shards").mkdir()
    for is_told in (False, True):
        assert report.main([str(store.out)]) == 0
        assert ("shards are not in the report" in capsys.readouterr().err) == is_told
        (store.out / "shards" / "000000.tar").write_bytes(b"")
