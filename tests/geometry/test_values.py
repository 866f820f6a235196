# SPDX-License-Identifier: GPL-3.0-or-later
"""Point clouds and meshes refuse arrays that could not be drawn."""

import numpy as np
import pytest

from blender_text3d.geometry import Mesh, PointCloud

POINTS = np.zeros((4, 3), np.float32)
FACES = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def test_a_mesh_keeps_its_arrays_without_copying():
    mesh = Mesh(POINTS, FACES, POINTS)
    assert mesh.vertices is POINTS
    assert mesh.faces is FACES


@pytest.mark.parametrize(
    "points", [np.zeros((4, 2), np.float32), np.zeros((4, 3)), np.zeros(3, np.float32), [[0, 0, 0]]]
)
def test_a_cloud_refuses_points_of_another_shape_or_dtype(points):
    with pytest.raises(ValueError, match="points must be"):
        PointCloud(points, POINTS)


def test_a_cloud_refuses_colors_of_another_count():
    with pytest.raises(ValueError, match=r"colors must be \(4, 3\) float32, not \(3, 3\)"):
        PointCloud(POINTS, POINTS[:3])


def test_a_mesh_refuses_positions_that_are_not_finite():
    with pytest.raises(ValueError, match="vertices contains values that are not finite"):
        Mesh(np.full((4, 3), np.nan, np.float32), FACES, POINTS)


@pytest.mark.parametrize("index", [-1, 4])
def test_a_mesh_refuses_a_face_with_a_missing_vertex(index):
    with pytest.raises(ValueError, match="the mesh has 4 vertices"):
        Mesh(POINTS, np.array([[0, 1, index]], np.int32), POINTS)


def test_a_mesh_may_be_empty():
    empty = np.zeros((0, 3), np.float32)
    assert len(Mesh(empty, np.zeros((0, 3), np.int32), empty).faces) == 0
