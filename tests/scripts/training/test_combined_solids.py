# SPDX-License-Identifier: GPL-3.0-or-later
"""Solids of the catalog that are not simple primitives: distances and surface samples."""

import numpy as np
import pytest

from scripts.training.shapes.combined import Blend, Cut
from scripts.training.shapes.faceted import Faceted
from scripts.training.shapes.parts import Part, rotation
from scripts.training.shapes.placing import ball, box, rod
from scripts.training.shapes.primitives import Box, Capsule
from scripts.training.shapes.round_cone import RoundCone

ROUND_CONE = RoundCone((0, 0, 0), (0.3, 0.1, 0.6), 0.2, 0.08)
SOLIDS = {
    "round cone": ROUND_CONE,
    "blend": Blend((ball("main", (0, 0, 0), 0.3), rod("main", (0, 0, 0), (0.6, 0, 0.1), 0.12)), 0.1),
    "cut": Cut(Box((0.3, 0.2, 0.2)), (ball("main", (0.3, 0, 0.1), 0.15),)),
    "faceted": Faceted(6, ((0.3, 0.0), (0.3, 0.4), (0.01, 0.7))),
}


@pytest.mark.parametrize("name", SOLIDS)
def test_sampled_points_lie_on_the_surface(name):
    points = SOLIDS[name].surface(500, np.random.default_rng(0))
    assert points.shape == (500, 3)
    assert np.abs(SOLIDS[name].distance(points)).max() < 3e-3


@pytest.mark.parametrize("name", SOLIDS)
def test_the_area_is_the_growth_of_the_volume(name):
    solid, step = SOLIDS[name], 0.02
    points = np.random.default_rng(1).uniform(-1, 1, (400_000, 3))
    shell = (np.abs(solid.distance(points)) < step).mean() * 8 / (2 * step)
    assert solid.area() == pytest.approx(shell, rel=0.1)


def test_a_round_cone_of_two_equal_balls_is_a_capsule():
    points = np.random.default_rng(2).uniform(-1, 1, (500, 3))
    capsule, cone = Capsule((0, 0, 0), (0.4, 0, 0.2), 0.1), RoundCone((0, 0, 0), (0.4, 0, 0.2), 0.1, 0.1)
    assert cone.distance(points) == pytest.approx(capsule.distance(points), abs=1e-9)


def test_the_distance_to_a_round_cone_is_that_to_its_balls():
    points, shares = np.random.default_rng(3).uniform(-1, 1, (200, 3)), np.linspace(0, 1, 800)[:, None]
    centers, radii = shares * np.array(ROUND_CONE.end), 0.2 - 0.12 * shares[:, 0]
    balls = np.linalg.norm(points[:, None] - centers, axis=2) - radii
    assert ROUND_CONE.distance(points) == pytest.approx(balls.min(1), abs=2e-3)


def test_a_blend_fills_the_seam_and_leaves_the_rest():
    first, second = box("main", (0, 0, 0), (0.4, 0.2, 0.1)), box("main", (0, 0, 0.3), (0.1, 0.2, 0.3))
    solid = Blend((first, second), 0.1)
    seam, far = np.array([[0.115, 0.0, 0.115]]), np.array([[-0.4, 0.0, 0.0]])
    assert solid.distance(seam)[0] < 0 < first.solid.distance(seam)[0]
    assert solid.distance(far)[0] == first.solid.distance(far)[0]


def test_a_cut_removes_a_turned_tool():
    tool = Part(Box((0.05, 1.0, 0.05)), at=(0.2, 0, 0), turn=rotation("z", 90))
    solid = Cut(Box((0.5, 0.5, 0.5)), (tool,))
    assert solid.distance(np.array([[0.45, 0.0, 0.0], [0.2, 0.3, 0.0]])).tolist() == pytest.approx([0.05, -0.2])


def test_a_faceted_column_has_flat_sides_and_sharp_edges():
    column = Faceted(4, ((0.5, 0.0), (0.5, 1.0)))
    side, edge = np.array([[0.35, 0.35, 0.5]]), np.array([[0.49, 0.0, 0.5]])
    assert column.distance(side)[0] == pytest.approx(0.35 * 2**0.5 - 0.5 / 2**0.5)
    assert column.distance(edge)[0] < 0
