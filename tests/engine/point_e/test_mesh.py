# SPDX-License-Identifier: GPL-3.0-or-later
"""Mesh of a cloud: scale, sampled cube and colors."""

import numpy as np
import pytest
import torch

from blender_text3d.engine.point_e.mesh import CloudMeshing, mesh_of_cloud, nearest_colors
from blender_text3d.geometry import PointCloud

RADIUS = 0.25
LEFT, RIGHT = (-0.4, 0.0, 0.0), (0.4, 0.0, 0.0)


class Balls:
    """Distances to balls around the points of a cloud, with a known answer."""

    def encode(self, cloud):
        return cloud

    def query(self, points, encoded):
        return RADIUS - torch.cdist(points.transpose(1, 2), encoded.transpose(1, 2)).amin(2)


@pytest.fixture
def cloud():
    """Two points, repeated: a red one on the left, a blue one on the right."""
    points, colors = np.array([LEFT, RIGHT] * 6, np.float32), np.array([(1, 0, 0), (0, 0, 1)] * 6, np.float32)
    return PointCloud(points, colors)


def mesh(cloud, **meshing):
    return mesh_of_cloud(Balls(), cloud, 32, torch.device("cpu"), CloudMeshing(model_from_network=1.0, **meshing))


def test_a_ball_surrounds_every_point_in_its_color(cloud):
    made = mesh(cloud)
    for center, color in ((LEFT, (1, 0, 0)), (RIGHT, (0, 0, 1))):
        near = np.linalg.norm(made.vertices - center, axis=1) < RADIUS + 0.02
        assert near.sum() > 100
        assert (made.colors[near] == color).all()


def test_the_network_s_unit_scales_the_mesh(cloud):
    one = PointCloud(cloud.points[:1], cloud.colors[:1])
    doubled = mesh_of_cloud(Balls(), one, 32, torch.device("cpu"), CloudMeshing(model_from_network=2.0))
    assert np.ptp(doubled.vertices, axis=0) == pytest.approx([4 * RADIUS] * 3, rel=0.1)


def test_nothing_is_outside_the_sampled_cube(cloud):
    assert np.abs(mesh(cloud, bound=0.5).vertices).max() < 0.55 < np.abs(mesh(cloud).vertices).max()


def test_blended_colors_follow_the_inverse_square_of_the_distance_and_are_exact_at_a_point(cloud):
    two = PointCloud(cloud.points[:2], cloud.colors[:2])
    points = np.array([LEFT, (0, 0, 0), (0.4 / 3, 0, 0)], np.float32)
    assert nearest_colors(two, points, 2) == pytest.approx(
        np.array([(1, 0, 0), (0.5, 0, 0.5), (0.2, 0, 0.8)]), abs=1e-2
    )
    assert nearest_colors(two, points[2:]).tolist() == [[0, 0, 1]]
