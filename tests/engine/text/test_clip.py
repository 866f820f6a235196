# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's towers give the numbers of the official code and of transformers, from a file as OpenAI's is.

`clip_tiny.pt` is a TorchScript archive of a small CLIP of random weights, half of them in half precision as OpenAI's
are: openai/CLIP's networks (commit d05afc4), traced and saved by PyTorch 2.13. `clip_tiny_golden.npz` holds inputs and
what that code, and transformers 5.23 with the same weights, made of them in float32.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from blender_text3d.engine.text import clip_load
from blender_text3d.engine.text.clip_image import ClipImage, ClipImageConfig
from blender_text3d.engine.text.clip_load import clip_image_of, clip_tensors, clip_text_of, is_image_name, is_text_name
from blender_text3d.engine.text.clip_text import ClipText, ClipTextConfig

FILE = Path(__file__).with_name("clip_tiny.pt")
GOLDEN = np.load(Path(__file__).with_name("clip_tiny_golden.npz"))
TEXT = ClipTextConfig(vocab_size=60, context_length=12, width=16, layers=2, heads=2, embed_dim=8)
IMAGE = ClipImageConfig(image_resolution=28, patch_size=7, width=16, layers=2, heads=2, embed_dim=8)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def text() -> ClipText:
    return clip_load.load_clip_text(FILE, CPU, TEXT)


@pytest.fixture(scope="module")
def image() -> ClipImage:
    return clip_load.load_clip_image(FILE, CPU, IMAGE)


def golden(name: str) -> torch.Tensor:
    return torch.from_numpy(GOLDEN[name])


@pytest.mark.parametrize("source", ["", "_transformers"])
def test_text_vectors_and_hidden_states_are_the_official_ones(text, source):
    np.testing.assert_allclose(text(golden("ids")), golden(f"text_vector{source}"), atol=1e-6, rtol=1e-5)
    np.testing.assert_allclose(text.hidden(golden("ids")), golden(f"text_hidden{source}"), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("source", ["", "_transformers"])
def test_image_vectors_and_grids_are_the_official_ones(image, source):
    images = golden("images")
    np.testing.assert_allclose(image(images), golden(f"image_vector{source}"), atol=1e-6, rtol=1e-5)
    np.testing.assert_allclose(image.grid(images), golden(f"image_grid{source}"), atol=1e-5, rtol=1e-5)


def test_vectors_are_of_unit_length(text, image):
    vectors = torch.cat([text(golden("ids")), image(golden("images"))])
    np.testing.assert_allclose(vectors.norm(dim=-1), torch.ones(5), atol=1e-6)


def test_what_follows_the_end_token_changes_nothing(text):
    ids = golden("ids").clone()
    before = text(ids)
    ids[0, 4:], ids[2, 2:] = 31, 33
    np.testing.assert_allclose(text(ids), before, atol=1e-6)


def test_prompts_of_a_batch_do_not_know_of_each_other(text):
    apart = torch.cat([text(row[None]) for row in golden("ids")])
    np.testing.assert_allclose(text(golden("ids")), apart, atol=1e-6)


def test_the_official_sizes_take_the_official_names_and_no_others():
    with torch.device("meta"):
        text, image = ClipText(ClipTextConfig()).state_dict(), ClipImage(ClipImageConfig()).state_dict()
    shapes = {name: tuple(tensor.shape) for name, tensor in text.items()}
    shapes |= {f"visual.{name}": tuple(tensor.shape) for name, tensor in image.items()}
    assert len(shapes) == 446 and sum(np.prod(shape) for shape in shapes.values()) == 427_616_513
    assert shapes["token_embedding.weight"] == (49408, 768)
    assert shapes["transformer.resblocks.11.attn.in_proj_weight"] == (2304, 768)
    assert shapes["visual.conv1.weight"] == (1024, 3, 14, 14)
    assert shapes["visual.positional_embedding"] == (257, 1024)
    assert shapes["visual.transformer.resblocks.23.mlp.c_fc.bias"] == (4096,)
    assert (shapes["text_projection"], shapes["visual.proj"], shapes["logit_scale"]) == ((768, 768), (1024, 768), ())


def test_a_picture_of_224_pixels_has_a_grid_of_256_cells_channels_first():
    assert (ClipImageConfig().grid_size, ClipImageConfig().width) == (16, 1024)
    network = ClipImage(ClipImageConfig(width=8, layers=1, heads=1))
    assert network.grid(torch.zeros(2, 3, 224, 224)).shape == (2, 8, 256)


def test_loading_the_text_tower_neither_reads_nor_builds_the_image_tower(monkeypatch):
    read = []
    monkeypatch.setattr(clip_load, "ClipImage", None)
    whole = clip_load.torchscript_tensors
    monkeypatch.setattr(clip_load, "torchscript_tensors", lambda *given: read.append(whole(*given)) or read[0])
    clip_load.load_clip_text(FILE, CPU, TEXT)
    assert read[0] and not any(is_image_name(name) for name in read[0])


def test_every_tensor_of_the_file_belongs_to_one_tower_but_for_the_three_sizes():
    names = clip_tensors(FILE, lambda name: True)
    assert {name for name in names if is_text_name(name) == is_image_name(name)} == {
        "input_resolution",
        "context_length",
        "vocab_size",
    }


def test_logit_scale_may_be_missing_as_it_is_where_only_the_text_tower_was_saved():
    tensors = clip_tensors(FILE, lambda name: is_text_name(name) and name != "logit_scale")
    np.testing.assert_allclose(clip_text_of(tensors, CPU, TEXT)(golden("ids")), golden("text_vector"), atol=1e-6)


def test_half_precision_weights_come_out_as_float32(text, image):
    assert clip_tensors(FILE, is_text_name)["text_projection"].dtype == torch.float16
    assert {tensor.dtype for tower in (text, image) for tensor in tower.parameters()} == {torch.float32}


def test_an_image_tower_of_another_size_is_named():
    with pytest.raises(Exception, match="(?s)do not fit the network visual.*conv1.weight"):
        clip_image_of(clip_tensors(FILE, is_image_name), CPU, ClipImageConfig(layers=2))
