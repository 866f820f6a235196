# SPDX-License-Identifier: GPL-3.0-or-later
"""Files in diffusers' and transformers' layouts, loaded into our networks, against those libraries' outputs.

The recorded numbers and the way back (our weights in their classes) are record_layouts.py's.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from blender_text3d.engine.shap_e.configs import OFFICIAL_IMAGE_PRIOR, OFFICIAL_TEXT_PRIOR
from blender_text3d.engine.shap_e.decoder import DecoderConfig, VectorDecoder
from blender_text3d.engine.shap_e.prior import PriorConfig, SplitVectorDiffusion
from blender_text3d.engine.text.clip_image import ClipImage, ClipImageConfig
from blender_text3d.engine.text.clip_text import ClipText, ClipTextConfig
from blender_text3d.engine.weights.catalogue import CHECKPOINTS, DIFFUSERS, TRANSFORMERS, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.loading.layouts.diffusers import from_diffusers, interleaved
from blender_text3d.engine.weights.loading.load_network import load_network
from tests.engine.weights import layout_cases as cases

HERE = Path(__file__).parent
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def recorded():
    with np.load(HERE / "layouts.npz") as data:
        return {name: torch.from_numpy(data[name]) for name in data.files}


@pytest.fixture(scope="module")
def their_tensors():
    shapes = json.loads((HERE / "layouts.json").read_text())
    return {name: cases.filled(entry) for name, entry in shapes.items()}


@pytest.fixture
def loaded(weights_dir, in_catalogue):
    """Write tensors as a file of a layout and load it."""

    def load(tensors, layout, build, *, kind="bin", **choices):
        path = weights_dir / f"test/net.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(tensors, path) if kind == "bin" else save_file(tensors, path)
        heads = choices.pop("heads", cases.HEADS)
        file = CheckpointFile(f"test/net.{kind}", layout, (), parameter_count=1, heads=heads)
        in_catalogue(Checkpoint("test/net", "", (file,), "", "", ""))
        return load_network("test/net", build, CPU, weights_dir=weights_dir, **choices).network

    return load


def close(ours, theirs):
    return ((ours - theirs).abs().max() / theirs.abs().max()).item() < 1e-5


@pytest.mark.parametrize("kind", ["bin", "safetensors"])
def test_a_text_prior_from_the_hub_gives_the_output_of_diffusers(recorded, their_tensors, loaded, kind):
    config = PriorConfig(**cases.PRIOR, condition_channels=cases.TEXT_CHANNELS)
    network = loaded(their_tensors["text_prior"], DIFFUSERS, lambda: SplitVectorDiffusion(config), kind=kind)
    x, t, condition, y = (recorded[f"text_prior/{name}"] for name in ("x", "t", "condition", "y"))
    assert close(network(x, t, condition), y)


def test_an_image_prior_from_the_hub_gives_the_output_of_diffusers(recorded, their_tensors, loaded):
    config = PriorConfig(**cases.PRIOR, condition_channels=cases.IMAGE_CHANNELS, condition_grid=True)
    network = loaded(their_tensors["image_prior"], DIFFUSERS, lambda: SplitVectorDiffusion(config))
    x, t, condition, y = (recorded[f"image_prior/{name}"] for name in ("x", "t", "condition", "y"))
    assert close(network(x, t, condition.transpose(1, 2)), y)


def test_the_number_of_heads_matters_to_the_order(recorded, their_tensors, loaded):
    config = PriorConfig(**cases.PRIOR, condition_channels=cases.TEXT_CHANNELS)
    network = loaded(their_tensors["text_prior"], DIFFUSERS, lambda: SplitVectorDiffusion(config), heads=2)
    x, t, condition, y = (recorded[f"text_prior/{name}"] for name in ("x", "t", "condition", "y"))
    assert not close(network(x, t, condition), y)


def test_the_catalogue_and_the_configs_have_the_same_heads():
    heads = {name: CHECKPOINTS[f"shap-e/{name}"].variants[1].heads for name in ("text300M", "image300M")}
    assert heads == {"text300M": OFFICIAL_TEXT_PRIOR.heads, "image300M": OFFICIAL_IMAGE_PRIOR.heads}


@pytest.mark.parametrize(
    ("output", "activation", "channels"),
    [
        ("signed_distance", torch.tanh, slice(0, 1)),
        ("coarse_density", torch.relu, slice(1, 2)),
        ("fine_density", torch.relu, slice(2, 3)),
        ("stf_coarse_channels", torch.sigmoid, slice(3, 6)),
        ("nerf_coarse_channels", torch.sigmoid, slice(6, 9)),
        ("nerf_fine_channels", torch.sigmoid, slice(9, 12)),
    ],
)
def test_a_renderer_from_the_hub_gives_the_output_of_diffusers(
    recorded, their_tensors, loaded, output, activation, channels
):
    network = loaded(their_tensors["renderer"], DIFFUSERS, lambda: VectorDecoder(DecoderConfig(**cases.DECODER)))
    raw = network(recorded["renderer/latent"], recorded["renderer/position"])
    assert close(activation(raw[..., channels]), recorded[f"renderer/{output}"])


def test_the_hubs_white_background_becomes_the_official_black(their_tensors):
    official = from_diffusers(dict(their_tensors["renderer"]), 0)
    assert official["renderer.void.background"].tolist() == [0, 0, 0]


def test_a_text_tower_from_the_hub_gives_transformers_vectors(recorded, their_tensors, loaded):
    network = loaded(
        their_tensors["clip"],
        TRANSFORMERS,
        lambda: ClipText(ClipTextConfig(**cases.CLIP_TEXT)),
        kind="safetensors",
        part="text",
    )
    assert close(network(recorded["clip/ids"]), recorded["clip/text_vector"])


def test_an_image_tower_from_the_hub_gives_transformers_vectors_and_grid(recorded, their_tensors, loaded):
    network = loaded(
        their_tensors["clip"],
        TRANSFORMERS,
        lambda: ClipImage(ClipImageConfig(**cases.CLIP_IMAGE)),
        kind="safetensors",
        part="image",
    )
    assert close(network(recorded["clip/images"]), recorded["clip/image_vector"])
    assert close(network.grid(recorded["clip/images"]), recorded["clip/grid"])


def test_queries_keys_and_values_are_interleaved_by_head():
    query, key, value = (torch.arange(4.0) + start for start in (0, 10, 20))
    assert interleaved(query, key, value, heads=2).tolist() == [0, 1, 10, 11, 20, 21, 2, 3, 12, 13, 22, 23]


@pytest.mark.parametrize("lost", ["transformer_blocks.1.attn1.to_k.bias", "norm_in.weight"])
def test_a_hub_file_that_lacks_a_tensor_is_named(their_tensors, loaded, lost):
    tensors = {name: tensor for name, tensor in their_tensors["text_prior"].items() if name != lost}
    config = PriorConfig(**cases.PRIOR, condition_channels=cases.TEXT_CHANNELS)
    with pytest.raises(BrokenWeights, match=r"net\.bin does not fit its network: it lacks wrapped\."):
        loaded(tensors, DIFFUSERS, lambda: SplitVectorDiffusion(config))
