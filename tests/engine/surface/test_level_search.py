# SPDX-License-Identifier: GPL-3.0-or-later
"""Thin parts that the field is uncertain about stay connected; really separate parts stay separate."""

import pytest
import torch

from blender_text3d.engine.shap_e.mini import MiniShapE
from blender_text3d.engine.surface import connected_lattice_surface, connected_surface
from blender_text3d.engine.surface.extract import sample_field

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


@pytest.mark.parametrize("joint", [-0.15, -20.0])
def test_values_on_the_entire_grid_give_the_surface_of_the_field(joint):
    field = TwoBalls(joint).signed_distance
    values = sample_field(field, grid=48, bound=1.1, dense=True).values
    vertices, faces, report = connected_lattice_surface(values, levels=LEVELS, bound=1.1)
    expected, expected_faces, expected_report = connected_surface(field, grid=48, levels=LEVELS, bound=1.1)
    assert torch.equal(faces, expected_faces)
    torch.testing.assert_close(vertices, expected, atol=1e-6, rtol=0)
    assert report == expected_report


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="not finite"):
        connected_lattice_surface(torch.full((8, 8, 8), float("nan")), levels=LEVELS)
