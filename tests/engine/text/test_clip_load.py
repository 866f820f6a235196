# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's file in its three kinds, and files that are none of them."""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from blender_text3d.engine.text.clip_load import clip_tensors, is_image_name, is_text_name
from blender_text3d.engine.weights.errors import BrokenWeights

FILE = Path(__file__).with_name("clip_tiny.pt")


@pytest.fixture(scope="module")
def tensors() -> dict[str, torch.Tensor]:
    return clip_tensors(FILE, lambda name: True)


@pytest.mark.parametrize("tower", [is_text_name, is_image_name])
def test_a_plain_state_dict_and_safetensors_hold_the_same_tensors(tmp_path, tensors, tower):
    whole = {name: tensor.clone() for name, tensor in tensors.items()}
    torch.save(whole, tmp_path / "plain.pt")
    save_file(whole, tmp_path / "clip.safetensors")
    wanted = {name: tensor for name, tensor in tensors.items() if tower(name)}
    for path in (tmp_path / "plain.pt", tmp_path / "clip.safetensors"):
        found = clip_tensors(path, tower)
        assert found.keys() == wanted.keys()
        assert all(
            torch.equal(found[name], tensor) and found[name].dtype == tensor.dtype for name, tensor in wanted.items()
        )


def test_a_missing_file_says_where_it_should_be(tmp_path):
    with pytest.raises(BrokenWeights, match="CLIP's weights are not at .*ViT-L-14.pt. Download them"):
        clip_tensors(tmp_path / "ViT-L-14.pt", is_text_name)


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", b"PK\x03\x04", b"\x80\x02}q\x00."])
@pytest.mark.parametrize("name", ["clip.pt", "clip.safetensors"])
def test_what_is_no_weights_file_is_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BrokenWeights, match=name):
        clip_tensors(tmp_path / name, lambda name: True)


class Hostile:
    def __reduce__(self):
        return (open, ("written-by-a-pickle", "w"))


@pytest.mark.parametrize("save", [torch.save, lambda thing, path: path.write_bytes(pickle.dumps(thing))])
def test_a_pickle_that_runs_code_is_refused_and_runs_nothing(tmp_path, monkeypatch, save):
    monkeypatch.chdir(tmp_path)
    save({"token_embedding.weight": Hostile()}, tmp_path / "clip.pt")
    with pytest.raises(BrokenWeights, match="no file of tensors that can be read safely"):
        clip_tensors(tmp_path / "clip.pt", is_text_name)
    assert not (tmp_path / "written-by-a-pickle").exists()
