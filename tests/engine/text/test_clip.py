# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's towers give the outputs of the official code and of transformers, from a file as OpenAI's.

`clip_tiny.pt` is a TorchScript archive of a small CLIP of random weights, half of them in half precision as OpenAI's
are: openai/CLIP's networks (commit d05afc4), traced and saved by PyTorch 2.13. `clip_tiny_golden.npz` holds inputs and
what that code, and transformers 5.23 with the same weights, made of them in float32.
"""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from blender_text3d.engine.text.clip_image import ClipImage, ClipImageConfig
from blender_text3d.engine.text.clip_layers import init_uniform
from blender_text3d.engine.text.clip_text import ClipText, ClipTextConfig
from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.formats.open_tensors import read_tensors
from blender_text3d.engine.weights.loading.assign import assign, empty_network
from blender_text3d.engine.weights.loading.checkpoint_parts import PARTS
from blender_text3d.engine.weights.loading.layouts.official import CLIP_SIZES, from_official

FILE = Path(__file__).with_name("clip_tiny.pt")
GOLDEN = np.load(Path(__file__).with_name("clip_tiny_golden.npz"))
TEXT = ClipTextConfig(vocab_size=60, context_length=12, width=16, layers=2, heads=2, embed_dim=8)
IMAGE = ClipImageConfig(image_resolution=28, patch_size=7, width=16, layers=2, heads=2, embed_dim=8)


def loaded(build, part: str, path: Path = FILE):
    """One tower of a file, in float32, as `load_network` loads it."""
    tensors = from_official(read_tensors(path, PARTS[part].is_in_file), 0)
    network = empty_network(build)
    assign(
        network, {name.removeprefix(PARTS[part].prefix): value.float() for name, value in tensors.items()}, path.name
    )
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def text() -> ClipText:
    return loaded(lambda: ClipText(TEXT), "text")


@pytest.fixture(scope="module")
def image() -> ClipImage:
    return loaded(lambda: ClipImage(IMAGE), "image")


def golden(name: str) -> torch.Tensor:
    return torch.from_numpy(GOLDEN[name])


@pytest.mark.parametrize("source", ["", "_transformers"])
def test_text_embeddings_and_hidden_states_equal_the_official_ones(text, source):
    np.testing.assert_allclose(text(golden("ids")), golden(f"text_vector{source}"), atol=1e-6, rtol=1e-5)
    np.testing.assert_allclose(text.hidden(golden("ids")), golden(f"text_hidden{source}"), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("source", ["", "_transformers"])
def test_image_embeddings_and_grids_equal_the_official_ones(image, source):
    images = golden("images")
    np.testing.assert_allclose(image(images), golden(f"image_vector{source}"), atol=1e-6, rtol=1e-5)
    np.testing.assert_allclose(image.grid(images), golden(f"image_grid{source}"), atol=1e-5, rtol=1e-5)


def test_embeddings_have_unit_length(text, image):
    vectors = torch.cat([text(golden("ids")), image(golden("images"))])
    np.testing.assert_allclose(vectors.norm(dim=-1), torch.ones(5), atol=1e-6)


def test_what_follows_the_end_token_changes_nothing(text):
    ids = golden("ids").clone()
    before = text(ids)
    ids[0, 4:], ids[2, 2:] = 31, 33
    np.testing.assert_allclose(text(ids), before, atol=1e-6)


def test_prompts_of_a_batch_are_independent(text):
    apart = torch.cat([text(row[None]) for row in golden("ids")])
    np.testing.assert_allclose(text(golden("ids")), apart, atol=1e-6)


def test_the_official_sizes_take_the_official_names_and_no_others():
    with torch.device("meta"):
        text, image = ClipText(ClipTextConfig()).state_dict(), ClipImage(ClipImageConfig()).state_dict()
    shapes = {name: tuple(tensor.shape) for name, tensor in text.items()}
    shapes |= {f"visual.{name}": tuple(tensor.shape) for name, tensor in image.items()}
    assert len(shapes) == 446
    assert sum(np.prod(shape) for shape in shapes.values()) == 427_616_513
    assert shapes["token_embedding.weight"] == (49408, 768)
    assert shapes["transformer.resblocks.11.attn.in_proj_weight"] == (2304, 768)
    assert shapes["visual.conv1.weight"] == (1024, 3, 14, 14)
    assert shapes["visual.positional_embedding"] == (257, 1024)
    assert shapes["visual.transformer.resblocks.23.mlp.c_fc.bias"] == (4096,)
    assert (shapes["text_projection"], shapes["visual.proj"], shapes["logit_scale"]) == ((768, 768), (1024, 768), ())


def test_an_image_of_224_pixels_has_a_grid_of_256_patches_channels_first():
    assert (ClipImageConfig().grid_size, ClipImageConfig().width) == (16, 1024)
    network = ClipImage(ClipImageConfig(width=8, layers=1, heads=1))
    assert network.grid(torch.zeros(2, 3, 224, 224)).shape == (2, 8, 256)


def test_the_towers_share_no_tensor_and_use_all():
    all_names = read_tensors(FILE).keys()
    text, image = (read_tensors(FILE, PARTS[part].is_in_file).keys() for part in ("text", "image"))
    assert not any(name.startswith("visual.") for name in text)
    assert not text & image
    assert text | image == all_names
    assert {name for name in text if name not in ClipText(TEXT).state_dict()} == CLIP_SIZES


def test_half_precision_weights_are_half_in_the_file():
    assert read_tensors(FILE)["text_projection"].dtype == torch.float16
    assert read_tensors(FILE)["token_embedding.weight"].dtype == torch.float32


@pytest.mark.parametrize("save", [torch.save, save_file])
def test_a_plain_state_dict_and_safetensors_give_the_same_towers(tmp_path, save):
    save({name: tensor.clone() for name, tensor in read_tensors(FILE).items()}, tmp_path / "clip")
    text = loaded(lambda: ClipText(TEXT), "text", tmp_path / "clip")
    image = loaded(lambda: ClipImage(IMAGE), "image", tmp_path / "clip")
    np.testing.assert_allclose(text(golden("ids")), golden("text_vector"), atol=1e-6)
    np.testing.assert_allclose(image(golden("images")), golden("image_vector"), atol=1e-6)


def test_a_tower_of_another_size_is_named():
    with pytest.raises(BrokenWeights, match="clip_tiny.pt does not fit its network"):
        loaded(lambda: ClipImage(ClipImageConfig(layers=2)), "image")


def test_the_official_towers_have_the_official_heads_and_sizes():
    text, image = ClipTextConfig(), ClipImageConfig()
    assert (text.vocab_size, text.context_length, text.width, text.layers, text.heads) == (49408, 77, 768, 12, 12)
    assert (image.image_resolution, image.patch_size, image.width, image.layers, image.heads) == (224, 14, 1024, 24, 16)
    assert (text.embed_dim, image.embed_dim) == (768, 768)
    assert ClipImageConfig(image_resolution=60, patch_size=12).grid_size == 5


def test_parameters_start_uniform_with_the_given_deviation():
    torch.manual_seed(0)
    values = init_uniform(200, 100, std=0.5)
    assert values.std().item() == pytest.approx(0.5, rel=0.02)
    assert values.abs().max().item() == pytest.approx(0.5 * 3**0.5, rel=0.01)
    assert values.shape == (200, 100)
