# SPDX-License-Identifier: GPL-3.0-or-later
"""The overlap of shapes with their reconstruction by the included encoder and decoder."""

import numpy as np
import pytest
import torch

from blender_text3d.engine.mini.files import SHAP_E_WEIGHTS
from blender_text3d.engine.shap_e.configs import MINI_ENCODER
from blender_text3d.engine.shap_e.encoder import PointCloudEncoder
from blender_text3d.engine.shap_e.mini import MiniShapE
from blender_text3d.engine.weights.loading.load_tensors import load_float32, load_prefixed
from scripts.training.evaluate.reconstruction import encoded, encoded_file, overlap, random_shapes


@pytest.fixture(scope="module")
def networks():
    model = MiniShapE.load(torch.device("cpu"))
    return model, load_prefixed(PointCloudEncoder(MINI_ENCODER), load_float32(SHAP_E_WEIGHTS), "encoder.", model.device)


def mean_overlap(networks, points):
    model, encoder = networks
    shapes = [shape for _, shape, _ in random_shapes(24, points, seed=5)]
    counts = np.array([overlap(model, encoded(encoder, shape), shape) for shape in shapes], float)
    return (counts[:, 0] / counts[:, 1]).mean()


def test_new_shapes_are_reconstructed_with_a_high_overlap(networks):
    assert mean_overlap(networks, 4096) > 0.84


def test_fewer_points_reduce_the_overlap(networks):
    assert mean_overlap(networks, 64) < mean_overlap(networks, 4096) - 0.05


def test_objects_of_files_lose_less_than_the_encoder_alone(networks):
    model, encoder = networks
    shapes = [(shape, solid) for _, shape, solid in random_shapes(6, 4096, seed=5)]
    alone = np.array([overlap(model, encoded(encoder, shape), shape) for shape, _ in shapes], float)
    refined = np.array([overlap(model, encoded_file(solid), shape) for shape, solid in shapes], float)
    pooled, before = (counts[:, 0].sum() / counts[:, 1].sum() for counts in (refined, alone))
    assert pooled > 0.88
    assert 1 - pooled < 0.6 * (1 - before)
