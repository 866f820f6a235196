# SPDX-License-Identifier: GPL-3.0-or-later
"""Points drawn from a mesh's surface are uniform: their numbers follow the area."""

import numpy as np
import pytest
import torch
from scipy.stats import chi2

from blender_text3d.engine.generate import Engine
from blender_text3d.engine.shap_e.pipeline import CLOUD_POINTS, cloud_of, surface_points
from blender_text3d.geometry import Mesh

SMALL_AREA, LARGE_AREA = 0.5, 4.5
LARGE_AT_Z = 1.0
CELLS = 8


@pytest.fixture(scope="module")
def points():
    """Points of a small triangle at z = 0 and one of nine times its area at z = 1."""
    small = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    vertices = np.concatenate([small, 3 * small + np.array([0, 0, LARGE_AT_Z], np.float32)])
    mesh = Mesh(vertices, np.array([[0, 1, 2], [3, 4, 5]], np.int32), np.zeros_like(vertices))
    return surface_points(mesh, CLOUD_POINTS, seed=5).numpy()


def assert_uniform(counts, expected):
    """Chi-square test at 0.1 %; with a fixed seed it either always passes or always fails."""
    counts, expected = np.asarray(counts, float), np.asarray(expected, float)
    statistic = ((counts - expected) ** 2 / expected).sum()
    assert statistic < chi2.ppf(0.999, len(counts) - 1)


def test_the_number_of_points_of_a_triangle_follows_its_area(points):
    is_large = points[:, 2] > LARGE_AT_Z / 2
    shares = np.array([SMALL_AREA, LARGE_AREA]) / (SMALL_AREA + LARGE_AREA)
    assert_uniform([(~is_large).sum(), is_large.sum()], shares * CLOUD_POINTS)


def test_points_are_uniform_within_a_triangle(points):
    x, y, _ = points[points[:, 2] > LARGE_AT_Z / 2].T / 3
    assert x.min() >= 0
    assert y.min() >= 0
    assert (x + y).max() <= 1 + 1e-6
    # Cells of a triangular grid: squares cut by their diagonal, all of the same area.
    column, row = (CELLS * x).astype(int), (CELLS * y).astype(int)
    is_upper = (CELLS * x - column) + (CELLS * y - row) > 1
    cell = 2 * (column * CELLS + row) + is_upper
    inside = [2 * (i * CELLS + j) + upper for i in range(CELLS) for j in range(CELLS) for upper in (0, 1)
              if i + j + upper < CELLS]  # fmt: skip
    counts = np.bincount(cell, minlength=2 * CELLS**2)[inside]
    assert len(inside) == CELLS**2
    assert counts.sum() == len(x)
    assert_uniform(counts, np.full(len(inside), len(x) / len(inside)))


def test_a_cloud_has_the_points_of_its_seed_with_colors_in_range(points):
    model = Engine().load("mini/shap-e", "cpu")
    latent = torch.zeros(model.prior.config.d_latent)
    vertices = np.array([[0, 0, 0], [0.5, 0, 0], [0, 0.5, 0]], np.float32)
    mesh = Mesh(vertices, np.array([[0, 1, 2]], np.int32), np.zeros_like(vertices))
    cloud, same, other = (cloud_of(model, latent, mesh, seed) for seed in (1, 1, 2))
    assert cloud.points.shape == cloud.colors.shape == (CLOUD_POINTS, 3)
    assert np.array_equal(cloud.points, same.points)
    assert not np.array_equal(cloud.points, other.points)
    assert cloud.colors.min() >= 0
    assert cloud.colors.max() <= 1
