# SPDX-License-Identifier: GPL-3.0-or-later
"""Neighborhoods of points, and convolutions along them."""

import torch
from torch import nn

from blender_text3d.engine.shap_e.encoding import point_convolution
from blender_text3d.engine.shap_e.encoding.point_convolution import circular_convolution, neighbors
from tests.engine.shap_e.encoding.small_encoder import transmitter


def test_neighbors_are_the_first_within_the_radius_and_not_the_nearest():
    places = torch.tensor([0.0, 0.4, 2.0, 0.1, 0.2, -0.45, 0.51])
    points = torch.stack([places, torch.zeros(7), torch.zeros(7)], dim=1)
    found = neighbors(points, points[:3], 0.5, 4)
    assert found.tolist() == [[0, 1, 3, 4], [0, 1, 3, 4], [2, 2, 2, 2]]
    assert neighbors(points, points[:1], 0.5, 10).tolist() == [[0, 1, 3, 4, 5, 0, 0]]


def test_the_convolution_is_that_of_pytorch_on_a_ring():
    layer = nn.Conv1d(3, 5, 8, stride=4, padding=4, padding_mode="circular")
    x = torch.randn(2, 3, 16)
    with torch.no_grad():
        expected = nn.functional.silu(layer(x))
        found = circular_convolution(x, layer.weight, layer.bias, 4)
    assert torch.allclose(found, expected, atol=1e-6)


def test_few_centers_at_a_time_give_the_same_tokens(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    positions, features = torch.rand(40, 3, generator=generator), torch.randn(40, 16, generator=generator)
    orders = [torch.rand(19, 8, generator=generator).argsort(1), torch.rand(16, 5, generator=generator).argsort(1)]
    with torch.no_grad():
        whole = transmitter().encoder.point_conv(positions, features, orders)
        monkeypatch.setattr(point_convolution, "CPU_CENTERS", 3)
        parts = transmitter().encoder.point_conv(positions, features, orders)
    assert whole.shape == (8, 16)
    assert torch.allclose(whole, parts, atol=1e-6)
