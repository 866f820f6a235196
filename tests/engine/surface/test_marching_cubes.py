# SPDX-License-Identifier: GPL-3.0-or-later
"""The surface of noise against the output of Shap-E's marching cubes.

The numbers were recorded with `shap_e.rendering.mc.marching_cubes` (openai/shap-e, commit 5013101) on the same noise
with a border of -1, between -1 and 1.
"""

import hashlib

import numpy as np
import pytest
import torch

from blender_text3d.engine.surface import extract_surface

FACES_SHA256 = "293613de54c8ce84a389e94df76cd4fa3d165d3e4b920c90b7dfeb7f5096f27a"
VERTEX_SUMS = [35.60109638981521, 16.539088647812605, 21.635137356817722]
VERTEX_SQUARES = [1294.9119134414482, 1292.5341176891561, 1270.7195569247792]


@pytest.fixture(scope="module")
def surface():
    noise = np.random.Generator(np.random.PCG64(7)).standard_normal(14**3).astype(np.float32)
    return extract_surface(lambda points: torch.from_numpy(noise), grid=14, squeeze_border=True)


def test_the_faces_and_their_order_are_those_of_shap_e(surface):
    _, faces = surface
    assert faces.shape == (8816, 3)
    assert faces[777].tolist() == [1594, 143, 144]
    assert hashlib.sha256(faces.numpy().astype("<i8").tobytes()).hexdigest() == FACES_SHA256


def test_the_vertices_and_their_order_are_those_of_shap_e(surface):
    vertices = surface[0].double()
    assert vertices.shape == (4274, 3)
    assert vertices[1234].tolist() == pytest.approx([0.82467520, -0.46666664, -0.46666664], abs=1e-6)
    assert vertices.sum(0).tolist() == pytest.approx(VERTEX_SUMS, abs=1e-3)
    assert vertices.square().sum(0).tolist() == pytest.approx(VERTEX_SQUARES, abs=1e-3)
