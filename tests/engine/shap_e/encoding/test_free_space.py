# SPDX-License-Identifier: GPL-3.0-or-later
"""Carving free space from views, and the signed distances of points around an object."""

import numpy as np
import pytest
import trimesh

from blender_text3d.engine.shap_e.encoding.free_space import drawn_distances, is_free
from blender_text3d.engine.shap_e.encoding.object_views import object_points
from tests.engine.shap_e.encoding.test_object_views import ended, rendered


def points_in_cube(count=4000):
    return np.random.default_rng(0).uniform(-0.6, 0.6, (count, 3)).astype(np.float32)


@pytest.mark.parametrize("side", [48, 256])
def test_what_is_outside_a_ball_is_free_and_what_is_inside_is_not(side):
    views, points = rendered(trimesh.creation.icosphere(4), count=20, side=side), points_in_cube()
    radius, free = np.linalg.norm(points, axis=1), is_free(points, views)
    pixel = 1.44 / side
    assert not free[radius < 0.49].any()
    assert free[radius > 0.5 + 4 * pixel + 0.02].mean() > 0.99


def test_the_hole_of_a_ring_is_free():
    views = rendered(trimesh.creation.torus(0.4, 0.1), count=20, side=128)
    assert is_free(np.zeros((1, 3), np.float32), views).all()
    assert not is_free(np.float32([[0.4, 0, 0], [0, -0.4, 0]]), views).any()


def test_what_no_camera_sees_counts_as_inside():
    hollow = trimesh.util.concatenate([trimesh.creation.icosphere(3, 1), trimesh.creation.icosphere(3, 0.8)])
    views = rendered(hollow, count=20, side=128)
    assert not is_free(np.zeros((1, 3), np.float32), views).any()


def test_what_is_behind_a_camera_or_beside_its_view_is_not_known_to_be_free():
    views = rendered(trimesh.creation.icosphere(3), count=1, side=64)
    right, _, forward, origin = views.cameras[0, :12].reshape(4, 3)
    before, behind, beside = origin + 0.5 * forward, origin - 0.5 * forward, origin + forward + 3 * right
    assert is_free(np.stack([before, behind, beside]), views).tolist() == [True, False, False]


def test_distances_are_those_to_the_surface_and_positive_inside():
    views = rendered(trimesh.creation.icosphere(4), count=20, side=128)
    places, _ = ended(object_points(views, 2000, seed=0))
    points, distances = drawn_distances(places, views, 2000, 0.55, np.random.default_rng(0))
    assert points.shape == (2000, 3)
    radius = np.linalg.norm(points, axis=1)
    near = np.abs(radius - 0.5) < 0.1
    assert near[:1000].all() > near[1000:].all()
    assert np.abs(points[1000:]).max() <= 0.55
    clear = np.abs(radius - 0.5) > 0.05
    assert np.allclose(distances[clear], 0.5 - radius[clear], atol=0.03)


def test_the_same_numbers_give_the_same_points():
    views = rendered(trimesh.creation.box(), count=4, side=48)
    places, _ = ended(object_points(views, 50, seed=0))
    first, again = (drawn_distances(places, views, 100, 0.5, np.random.default_rng(3)) for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
