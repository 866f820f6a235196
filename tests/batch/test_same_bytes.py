# SPDX-License-Identifier: GPL-3.0-or-later
"""The small model makes the same bytes of an object each time, whatever its worker made before."""

import json

import pytest

from blender_text3d.batch.__main__ import main

CHAIR, MUG = ({"prompt": prompt, "quality": "draft", "seed": 3} for prompt in ("a red chair", "a blue mug"))


def made(folder, *lines):
    """The files of the objects of a list, without what belongs to the rows of the manifest."""
    folder.mkdir()
    (folder / "chunk.jsonl").write_text("\n".join(map(json.dumps, lines)))
    options = ["--jobs", str(folder / "chunk.jsonl"), "--out", str(folder / "out"), "--batch", "1", "--latents"]
    assert main(options) == 0
    paths = [path for path in (folder / "out" / "objects").rglob("*") if path.is_file() and path.name != ".row"]
    return {path.name: path.read_bytes() for path in paths}


@pytest.mark.slow
def test_an_object_has_the_same_bytes_alone_and_after_another_one(tmp_path):
    alone, after = made(tmp_path / "alone", CHAIR), made(tmp_path / "after", MUG, CHAIR)
    assert sorted(name.partition(".")[2] for name in alone) == ["glb", "json", "latent.npz", "webp"]
    assert {name: after[name] for name in alone} == alone
