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
from scripts.training.evaluate.reconstruction import overlap, random_shapes


@pytest.fixture(scope="module")
def networks():
    model = MiniShapE.load(torch.device("cpu"))
    return model, load_prefixed(PointCloudEncoder(MINI_ENCODER), load_float32(SHAP_E_WEIGHTS), "encoder.", model.device)


def mean_overlap(networks, points):
    counts = np.array([overlap(*networks, shape) for _, shape in random_shapes(24, points, seed=5)], float)
    return (counts[:, 0] / counts[:, 1]).mean()


def test_new_shapes_are_reconstructed_with_a_high_overlap(networks):
    assert mean_overlap(networks, 4096) > 0.84


def test_fewer_points_reduce_the_overlap(networks):
    assert mean_overlap(networks, 64) < mean_overlap(networks, 4096) - 0.05
