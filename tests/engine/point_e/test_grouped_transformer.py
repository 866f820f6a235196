# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Point-E's transformers: points in groups, conditioned on a caption."""

from dataclasses import replace

import pytest
import torch

from blender_text3d.engine.point_e.grouped_transformer import (
    GroupedBase,
    GroupedUpsampler,
    group_points,
    ungroup_points,
)
from blender_text3d.engine.point_e.mini import BASE_POINTS, FINE_POINTS, MINI_BASE, MINI_UPSAMPLER

T = torch.tensor([3, 700])


def random(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


CAPTION = random(2, 128, 13)


def made(network, config):
    torch.manual_seed(0)
    return network(replace(config, layers=1)).eval().requires_grad_(False)


def test_ungrouped_points_are_in_their_original_order():
    x = random(2, 6, 24)
    assert torch.equal(ungroup_points(group_points(x, 8), 8), x)
    assert torch.equal(group_points(x, 8)[0, :8, 1], x[0, 0, 8:16])


@pytest.mark.parametrize("column", [0, 1, 12])
def test_the_base_depends_on_the_prompt_and_each_of_its_words(column):
    net, x, other = made(GroupedBase, MINI_BASE), random(2, 6, BASE_POINTS), CAPTION.clone()
    other[:, :, column] = -other[:, :, column]
    out = net(x, T, CAPTION)
    assert out.shape == x.shape
    assert (net(x, T, other) - out).abs().max() > 1e-3


def test_the_upsampler_depends_on_the_caption_s_vector_only():
    net, x = made(GroupedUpsampler, MINI_UPSAMPLER), random(2, 6, FINE_POINTS)
    coarse = random(2, 6, BASE_POINTS) * torch.tensor([0.5] * 3 + [100.0] * 3)[:, None]
    out = net(x, T, CAPTION, coarse)
    assert out.shape == x.shape
    for columns, is_used in ((slice(0, 1), True), (slice(1, None), False)):
        other = CAPTION.clone()
        other[:, :, columns] = -other[:, :, columns]
        assert ((net(x, T, other, coarse) - out).abs().max() > 1e-3) == is_used
    assert (net(x, T, CAPTION, coarse.flip(1)) - out).abs().max() > 1e-3
