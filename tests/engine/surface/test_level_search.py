# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin parts that the field is uncertain about stay connected; really separate parts stay separate."""

import torch

from blender_text3d.engine.shap_e.mini import MiniShapE
from blender_text3d.engine.surface import connected_surface

LEVELS = MiniShapE.levels


class TwoBalls:
    """Balls joined by a rod whose field value is `joint` instead of positive."""

    def __init__(self, joint):
        self.joint = joint

    def signed_distance(self, points):
        shift = torch.tensor([0.5, 0.0, 0.0])
        balls = torch.maximum(0.3 - (points - shift).norm(dim=1), 0.3 - (points + shift).norm(dim=1))
        rod = self.joint - torch.maximum(points[:, 1:].norm(dim=1) - 0.1, points[:, 0].abs() - 0.4).clamp(min=0) * 10
        return torch.tanh(12.5 * torch.maximum(balls, rod / 12.5))


def test_a_rod_that_drops_below_zero_stays_connected_at_a_lower_level():
    _, _, report = connected_surface(TwoBalls(-0.15).signed_distance, grid=48, levels=LEVELS)
    assert (report.components, report.watertight) == (1, True)
    _, _, at_zero = connected_surface(TwoBalls(-0.15).signed_distance, grid=48, levels=LEVELS[:1])
    assert at_zero.components == 2


def test_separate_parts_keep_the_surface_at_zero():
    vertices, _, report = connected_surface(TwoBalls(-20.0).signed_distance, grid=48, levels=LEVELS)
    at_zero, _, _ = connected_surface(TwoBalls(-20.0).signed_distance, grid=48, levels=LEVELS[:1])
    assert report.components == 2
    assert torch.equal(vertices, at_zero)
