# SPDX-License-Identifier: GPL-3.0-or-later
"""The depth buffer against pixels that are known by hand, and against the exact rasterizer."""

import numpy as np

from blender_text3d.engine.shap_e.rendering.rasterize import rasterize
from blender_text3d.geometry.zbuffer import sphere_hits, triangle_hits


def corners(*triangles) -> np.ndarray:
    """Return triangles, each given by three corners (column, row, depth), in the order of the function."""
    return np.array(triangles, np.float32).transpose(2, 1, 0)


def drawn(hits, side: int) -> np.ndarray:
    """Return the visible item of each pixel, or -1."""
    image = np.full(side * side, -1)
    image[hits.pixel] = hits.item
    return image.reshape(side, side)


def test_a_triangle_covers_the_pixels_whose_centers_it_contains():
    hits = triangle_hits(corners([(0, 0, 1), (4, 0, 1), (0, 4, 1)]), 4)
    assert drawn(hits, 4).tolist() == [[0, 0, 0, 0], [0, 0, 0, -1], [0, 0, -1, -1], [0, -1, -1, -1]]


def test_the_nearer_triangle_hides_the_other_in_either_order():
    near, far = [(0, 0, 1), (9, 0, 1), (0, 9, 1)], [(0, 0, 2), (9, 0, 2), (0, 9, 2)]
    assert set(triangle_hits(corners(near, far), 4).item) == {0}
    assert set(triangle_hits(corners(far, near), 4).item) == {1}


def test_crossing_triangles_are_split_where_their_depths_are_equal():
    tilted, flat = [(0, 0, 0), (8, 0, 8), (0, 99, 0)], [(0, 0, 4), (99, 0, 4), (0, 99, 4)]
    row = drawn(triangle_hits(corners(tilted, flat), 8), 8)[0]
    assert row.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_weights_reproduce_the_center_of_the_pixel():
    triangle = corners([(0.3, 0.2, 5), (7.9, 1.1, 6), (2.2, 7.7, 9)])
    hits = triangle_hits(triangle, 8)
    places = np.einsum("kcf,cq->kq", triangle, hits.weights)
    assert np.allclose(places[0], hits.pixel % 8 + 0.5, atol=1e-4)
    assert np.allclose(places[1], hits.pixel // 8 + 0.5, atol=1e-4)


def test_triangles_outside_the_image_and_without_area_draw_nothing():
    outside, line = [(-9, -9, 1), (-2, -9, 1), (-9, -2, 1)], [(0, 0, 1), (4, 4, 1), (8, 8, 1)]
    assert len(triangle_hits(corners(outside, line), 8).pixel) == 0
    assert len(triangle_hits(np.empty((3, 3, 0), np.float32), 8).pixel) == 0


def test_random_triangles_are_drawn_as_by_the_exact_rasterizer():
    random = np.random.default_rng(3)
    places = random.uniform((-10, -10, 1), (74, 74, 9), (300, 1, 3)) + random.uniform(-6, 6, (300, 3, 3)) * (1, 1, 0)
    side = 64
    image = drawn(triangle_hits(places.astype(np.float32).transpose(2, 1, 0), side), side)
    exact = np.full(side * side, -1)
    hits = rasterize(places, side, side)
    exact[hits.pixel] = hits.face
    assert (image.ravel() == exact).mean() > 0.999


def test_a_sphere_is_round_and_its_normals_point_away_from_its_center():
    hits = sphere_hits(np.array([[8], [8], [0]], np.float32), 4.0, 16)
    column, row = hits.pixel % 16 + 0.5, hits.pixel // 16 + 0.5
    expected = np.hypot(*np.mgrid[0:16, 0:16] + 0.5 - 8) < 4
    assert np.array_equal(drawn(hits, 16) == 0, expected)
    right, up = (column - 8) / 4, (8 - row) / 4
    assert np.allclose(hits.weights, [right, up, np.sqrt(1 - right**2 - up**2)])


def test_of_two_spheres_the_nearer_surface_is_seen():
    centers = np.array([[8, 8], [8, 8], [0, 5]], np.float32)
    assert set(sphere_hits(centers, 3.0, 16).item) == {0}
    assert set(sphere_hits(centers[:, ::-1], 3.0, 16).item) == {1}


def test_the_surfaces_of_spheres_are_compared_and_not_their_centers():
    centers = np.array([[8, 11], [8, 8], [0, -0.5]], np.float32)
    image = drawn(sphere_hits(centers, 3.0, 16), 16)
    assert (image[8, 8], image[8, 11]) == (0, 1)


def test_spheres_at_the_border_are_cut_off():
    hits = sphere_hits(np.array([[0, 16], [0, 99], [0, 0]], np.float32), 3.0, 16)
    assert np.array_equal(drawn(hits, 16) == 0, np.hypot(*np.mgrid[0:16, 0:16] + 0.5) < 3)
    assert set(hits.item) == {0}


def test_random_spheres_are_drawn_as_by_a_loop_over_all_pixels():
    random, side, radius = np.random.default_rng(1), 24, 2.3
    centers = random.uniform(-3, side + 3, (3, 60)).astype(np.float32)
    column, row = np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5)
    right, down = (place.ravel()[None] - center[:, None] for place, center in zip((column, row), centers, strict=False))
    inside = right**2 + down**2 < radius**2
    depth = np.where(inside, centers[2][:, None] - np.sqrt((radius**2 - right**2 - down**2).clip(0)), np.inf)
    exact = np.where(inside.any(axis=0), depth.argmin(axis=0), -1)
    hits = sphere_hits(centers, radius, side)
    assert np.array_equal(drawn(hits, side).ravel(), exact)
    assert hits.weights.dtype == np.float32
