# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry as Rerun's archetypes: sizes of points, normals, offsets, lenses."""

import numpy as np
import pytest
import rerun as rr

from blender_text3d.geometry import Mesh, PointCloud
from blender_text3d.worker.rerun.archetypes import archetype, camera_archetypes, side_by_side, vertex_normals
from tests.worker.rerun.sample_views import example_views

SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)


def values(batch):
    return batch.as_arrow_array().to_pylist()


def cloud(count):
    return PointCloud(np.zeros((count, 3), np.float32), np.full((count, 3), 0.5, np.float32))


def mesh(faces, vertices=SQUARE):
    return Mesh(vertices, np.array(faces, np.int32).reshape(-1, 3), np.full((len(vertices), 3), 0.2, np.float32))


@pytest.mark.parametrize(
    ("count", "radius"), [(0, 0.03), (1, 0.03), (899, 0.03), (3600, 0.015), (50_625, 0.004), (90_000, 0.004)]
)
def test_points_are_spheres_that_cover_a_surface_of_any_number(count, radius):
    shown = archetype(cloud(count))
    assert isinstance(shown, rr.Points3D)
    np.testing.assert_allclose(values(shown.radii), [radius], rtol=2e-3)
    assert len(values(shown.positions)) == count


def test_a_mesh_has_its_faces_colors_and_normals():
    shown = archetype(mesh([[0, 1, 2], [0, 2, 3]]))
    assert isinstance(shown, rr.Mesh3D)
    assert values(shown.triangle_indices) == [[0, 1, 2], [0, 2, 3]]
    assert values(shown.vertex_positions) == SQUARE.tolist()
    assert values(shown.vertex_normals) == [[0, 0, 1]] * 4
    assert values(shown.vertex_colors) == [0x333333FF] * 4


def test_a_normal_is_the_mean_of_the_faces_weighted_by_their_area():
    vertices = np.array([[0, 0, 0], [3, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    normals = vertex_normals(mesh([[0, 1, 2], [0, 2, 3]], vertices))
    np.testing.assert_allclose(normals[0], np.array([1, 0, 3]) / np.sqrt(10), atol=1e-6)
    np.testing.assert_allclose(normals[1:], [[0, 0, 1], np.array([1, 0, 3]) / np.sqrt(10), [1, 0, 0]], atol=1e-6)
    assert normals.dtype == np.float32


@pytest.mark.parametrize("faces", [[], [[0, 0, 1]], [[0, 1, 1]]])
def test_a_vertex_without_area_has_a_zero_normal(faces):
    assert vertex_normals(mesh(faces)).tolist() == [[0, 0, 0]] * 4


@pytest.mark.parametrize(("width", "offset"), [(1.0, 0.8), (2.0, 1.3), (0.0, 0.3)])
def test_a_mesh_stands_on_the_left_of_its_cloud_with_a_gap(width, offset):
    placed = side_by_side(mesh([], SQUARE * np.float32([width, 5, 1]) + np.float32([7, 0, 0])))
    np.testing.assert_allclose(values(placed["mesh"].translation), [[-offset, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(values(placed["cloud"].translation), [[offset, 0, 0]], atol=1e-6)
    assert list(placed) == ["mesh", "cloud"]


def test_an_empty_mesh_is_placed_as_one_of_width_one():
    empty = mesh([], np.zeros((0, 3), np.float32))
    np.testing.assert_allclose(values(side_by_side(empty)["mesh"].translation), [[-0.8, 0, 0]], atol=1e-6)


def test_a_camera_shows_its_image_at_a_distance():
    _, lens = camera_archetypes(example_views().cameras, 1)
    np.testing.assert_allclose(values(lens.image_plane_distance), [1.2], rtol=1e-6)
