# SPDX-License-Identifier: GPL-3.0-or-later
"""Normals of point clouds; those of meshes are tested where Rerun shows them."""

import numpy as np
import pytest

from blender_text3d.geometry import PointCloud
from blender_text3d.geometry.normals import MAX_POINTS, NEIGHBORS, cloud_normals, unit_normals


def cloud(points: np.ndarray) -> PointCloud:
    return PointCloud(points.astype(np.float32), np.zeros((len(points), 3), np.float32))


def cylinder(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points on a tall cylinder without caps, and their outward normals."""
    random = np.random.default_rng(4)
    angle, height = random.uniform(0, 2 * np.pi, count), random.uniform(0, 2, count)
    outward = np.stack([np.cos(angle), np.sin(angle), np.zeros(count)], axis=1)
    return outward * 0.4 + np.stack([np.zeros(count), np.zeros(count), height], axis=1), outward


def test_normals_of_a_closed_surface_are_unit_and_outward():
    directions = np.random.default_rng(1).normal(size=(1000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    normals = cloud_normals(cloud(directions * (1.0, 0.5, 0.7) + 5))
    assert normals.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)
    assert (normals * directions).sum(axis=1).min() > 0


def test_normals_of_a_cylinder_agree_with_each_other():
    points, outward = cylinder(1500)
    cosines = (cloud_normals(cloud(points)) * outward).sum(axis=1)
    assert abs(cosines.sum()) == pytest.approx(np.abs(cosines).sum(), rel=0.02)
    assert np.median(np.abs(cosines)) > 0.97


def test_a_flat_cloud_has_the_normal_of_its_plane():
    points = np.random.default_rng(2).random((300, 3)) * (1, 1, 0)
    np.testing.assert_allclose(cloud_normals(cloud(points)), [[0, 0, 1]] * 300, atol=1e-4)


@pytest.mark.parametrize("count", [0, 1, NEIGHBORS, MAX_POINTS + 1])
def test_a_cloud_that_is_too_small_or_too_large_has_none(count):
    assert cloud_normals(cloud(np.random.default_rng(3).random((count, 3)))) is None


def test_equal_points_have_some_unit_normal():
    normals = unit_normals(cloud_normals(cloud(np.ones((40, 3)))))
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)


def test_a_missing_normal_is_replaced_by_up():
    assert unit_normals(np.float32([[0, 0, 0], [1, 0, 0]])).tolist() == [[0, 0, 1], [1, 0, 0]]
