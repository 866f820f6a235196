# SPDX-License-Identifier: GPL-3.0-or-later
"""Our Shap-E networks against recorded outputs of the official ones; see README.md beside this file."""

import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from blender_text3d.engine.shap_e.decoder import DecoderConfig, VectorDecoder
from blender_text3d.engine.shap_e.prior import PriorConfig, SplitVectorDiffusion

SEED = 20261122
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def recorded():
    with np.load(Path(__file__).with_name("shap_e_cases.npz")) as data:
        return {name: torch.from_numpy(data[name]) for name in data.files}


def made_from_name(name, shape):
    draw = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode()) + SEED)).standard_normal(shape)
    values = draw.astype(np.float32)
    if len(shape) > 1:
        return values / np.sqrt(np.prod(shape[1:]))
    return 1 + 0.1 * values if name.endswith(("weight", "gain")) else 0.1 * values


def filled(network):
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    state = {n: torch.from_numpy(np.asarray(made_from_name(n, s), np.float32)) for n, s in shapes.items()}
    network.load_state_dict(state)
    return network.eval().requires_grad_(False)


def relative_error(ours, theirs):
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()


@pytest.fixture(scope="module")
def decoder():
    network = VectorDecoder(DecoderConfig(d_row=24, d_hidden=16))
    filled(network.params_proj)
    filled(network.renderer)
    return network


def test_the_text_prior_puts_out_the_official_epsilon_and_variance(recorded):
    prior = filled(SplitVectorDiffusion(PriorConfig(d_latent=1536, latent_ctx=64, width=64, layers=3, heads=4)))
    ours = prior(*(recorded[f"prior_text/{name}"] for name in ("x", "t", "embeddings")))
    assert relative_error(ours, recorded["prior_text/y"]) < TOLERANCE


@pytest.mark.parametrize("layer", range(4))
def test_a_latent_generates_the_official_weights(recorded, decoder, layer):
    generated = decoder.params_proj(recorded["decoder/latent"])[layer]
    assert relative_error(generated, recorded[f"decoder/nerstf__mlp__{layer}__weight"]) < TOLERANCE


@pytest.mark.parametrize(
    ("output", "activation", "channels"),
    [
        ("signed_distance", torch.tanh, slice(0, 1)),
        ("nerf_coarse_density", torch.relu, slice(1, 2)),
        ("nerf_fine_density", torch.relu, slice(2, 3)),
        ("stf_fine_channels", torch.sigmoid, slice(3, 6)),
        ("nerf_coarse_channels", torch.sigmoid, slice(6, 9)),
        ("nerf_fine_channels", torch.sigmoid, slice(9, 12)),
    ],
)
def test_the_field_answers_as_the_official_one(recorded, decoder, output, activation, channels):
    raw = decoder(recorded["decoder/latent"], recorded["decoder/position"])
    assert relative_error(activation(raw[..., channels]), recorded[f"decoder/{output}"]) < TOLERANCE
