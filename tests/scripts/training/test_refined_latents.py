# SPDX-License-Identifier: GPL-3.0-or-later
"""Latents of a data set that take steps on their own shapes, and the loss that they share with the autoencoder."""

import numpy as np
import pytest
import torch

from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS
from blender_text3d.engine.shap_e.configs import MINI_DECODER, MINI_ENCODER
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.encoder import PointCloudEncoder
from blender_text3d.engine.weights.loading.load_tensors import load_float32, load_prefixed
from scripts.training.data.latents import refined
from scripts.training.evaluate.reconstruction import random_shapes
from scripts.training.train.autoencoder import loss_of

KEYS = ("points", "colors", "queries", "distances", "query_colors")


@pytest.fixture(scope="module")
def networks():
    tensors, cpu = load_float32(SHAP_E_WEIGHTS), torch.device("cpu")
    encoder = load_prefixed(PointCloudEncoder(MINI_ENCODER), tensors, "encoder.", cpu)
    return encoder, load_prefixed(VectorDecoder(MINI_DECODER), tensors, "decoder.", cpu).requires_grad_(False)


def mean_overlap(decoder, latents, shapes):
    queries = torch.from_numpy(shapes["queries"]).float()
    with torch.inference_mode():
        inside, truth = decoder(latents, queries)[..., 0] > 0, torch.from_numpy(shapes["distances"]) < 0
    return ((inside & truth).sum(1) / (inside | truth).sum(1)).mean()


def test_steps_on_their_own_shapes_bring_latents_nearer(networks):
    encoder, decoder = networks
    drawn = [shape for _, shape in random_shapes(6, 1024, seed=8)]
    shapes = {key: np.stack([np.asarray(getattr(shape, key)) for shape in drawn]) for key in KEYS}
    with torch.inference_mode():
        latents = encoder(torch.from_numpy(shapes["points"]).float(), torch.from_numpy(shapes["colors"]) / 255)
    torch.manual_seed(0)
    after = refined(latents, shapes, 16, lambda some, queries, *truth: loss_of(decoder(some, queries), *truth))
    assert mean_overlap(decoder, after, shapes) > mean_overlap(decoder, latents, shapes) + 0.02
    assert 0.01 < (after - latents).abs().mean() < 0.15
    assert after.abs().max() <= 1


def test_an_error_in_the_color_of_a_part_costs_more_than_one_in_the_main_color():
    colors = torch.tensor([[[0.9, 0.1, 0.1]] * 9 + [[0.1, 0.1, 0.9]]])
    main, distances = colors.median(1, keepdim=True).values, torch.zeros(1, 10)
    channels = torch.zeros(1, 10, 12)
    channels[..., 3:6] = colors.logit()
    losses = []
    for wrong in (0, 9):
        some = channels.clone()
        some[0, wrong, 3:6] = 0.0
        losses.append(loss_of(some, distances, colors, main))
    assert loss_of(channels, distances, colors, main) < 1e-6
    assert losses[1] > 3 * losses[0] > 0
