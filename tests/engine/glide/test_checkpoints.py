# SPDX-License-Identifier: GPL-3.0-or-later
"""GLIDE's checkpoints: which files are refused and why, and that the loaded ones are the networks'.

The files have the official tensors' names and shapes, but hardly any bytes: every tensor shows the same number.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from blender_text3d.engine.glide import official
from blender_text3d.engine.glide.official import Glide
from blender_text3d.engine.weights.catalogue import CHECKPOINTS
from blender_text3d.engine.weights.download.import_folder import import_folder
from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.formats.contents import Contents
from blender_text3d.engine.weights.loading import load_network
from blender_text3d.engine.weights.store import local_files, verify
from tests.engine.glide.sizes import SMALL, small_networks

MANIFESTS = json.loads((Path(__file__).parents[2] / "parity/manifests.json").read_text(encoding="utf-8"))


def shapes_of(name, input_channels=None, share=1.0):
    shapes = dict(list(MANIFESTS[f"glide/{name}"].items())[: round(share * len(MANIFESTS[f"glide/{name}"]))])
    if input_channels:
        shapes["input_blocks.0.0.weight"] = [192, input_channels, 3, 3]
    return shapes


@pytest.mark.parametrize(
    ("name", "shapes", "problem"),
    [
        ("base", shapes_of("base", 7), r"^base.pt is GLIDE's inpainting network, whose input has 7 channels"),
        ("upsample", shapes_of("upsample", 10), r"^upsample.pt is GLIDE's inpainting network, .* 10 channels"),
        ("base", shapes_of("upsample"), r"^base.pt is the network that enlarges GLIDE's image \(upsample.pt\)"),
        ("upsample", shapes_of("base"), r"^upsample.pt is the network that makes GLIDE's small image \(base.pt\)"),
        ("base", shapes_of("base", share=0.5), r"^base.pt belongs to another network: it contains 392 tensors"),
        ("base", shapes_of("base"), None),
        ("upsample", shapes_of("upsample"), None),
    ],
)
def test_another_network_half_a_checkpoint_and_the_inpainting_pair_are_refused(name, shapes, problem, monkeypatch):
    monkeypatch.setattr(verify, "read_contents", lambda path, name: Contents(shapes))
    file = CHECKPOINTS[f"glide/{name}"].variants[0]
    if problem is None:
        verify.check_contents(Path("any"), file)
    else:
        with pytest.raises(BrokenWeights, match=problem):
            verify.check_contents(Path("any"), file)


@pytest.fixture
def small_checkpoint(monkeypatch, tmp_path):
    """A checkpoint in a folder from which it can be imported, with the small networks' tensors."""
    transformer, unet = small_networks()
    tensors = {**transformer.state_dict(), **unet.state_dict()}
    (tmp_path / "stick").mkdir()
    torch.save(tensors, tmp_path / "stick/base.pt")
    count = sum(value.numel() for value in tensors.values())
    entry = CHECKPOINTS["glide/base"]
    file = replace(entry.variants[0], tensor_count=len(tensors), parameter_count=count)
    entry = replace(entry, variants=(file,))
    for module in (load_network, local_files):
        monkeypatch.setattr(module, "CHECKPOINTS", {"glide/base": entry})
    monkeypatch.setitem(official.OFFICIAL, "base", SMALL)
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path / "weights"))
    return entry, tmp_path


def test_an_imported_checkpoint_is_loaded_in_two_parts_with_its_own_tensors(small_checkpoint):
    entry, folder = small_checkpoint
    list(import_folder(folder / "stick", [entry], folder / "weights"))
    assert (folder / "weights/glide/base.pt").exists()
    assert "glide/base.pt" in json.loads((folder / "weights/first-seen.json").read_text(encoding="utf-8"))
    model, (transformer, unet) = Glide(torch.device("cpu")), small_networks()
    tokens = torch.full((1, 6), 50256)
    expected = transformer(tokens, tokens != 50256)
    assert torch.equal(model.features("base", [""]).xf_out, expected.xf_out)
    assert torch.equal(model.unet("base").out[2].weight, unet.out[2].weight)


def test_the_card_is_quoted_on_people_and_commercial_use():
    for name in ("glide/base", "glide/upsample"):
        assert "commercial" in CHECKPOINTS[name].warning
        assert "people" in CHECKPOINTS[name].warning
