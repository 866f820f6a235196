# SPDX-License-Identifier: GPL-3.0-or-later
"""Triangles → pixels, to the pixel."""

import numpy as np
import pytest

from blender_text3d.geometry.srgb import srgb_from_linear
from blender_text3d.scene import texture_fill
from blender_text3d.scene.texture_fill import (
    Canvas,
    barycentric_planes,
    border,
    dilate,
    fill_rest,
    paint_texture,
    painted_canvas,
)

RED = (1.0, 0.0, 0.0)
HALF_SQUARE = np.array([[[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]]])
"""A triangle in pixels whose third edge goes through pixel centers."""


def empty_canvas(side):
    return Canvas(side, np.full((side * side, 4), (0, 0, 0, 255), np.uint8), np.zeros(side * side, bool))


def painted_pixels(triangles, side, margin=0):
    """Return the painted pixels as a set of (column, row)."""
    colors = np.full((len(triangles), 3, 3), RED, np.float32)
    canvas = painted_canvas(np.array(triangles) / side, colors, side, margin)
    texture = canvas.rgba.reshape(side, side, 4)
    assert (canvas.is_painted.reshape(side, side) == (texture[..., 0] == 255)).all()
    return {(int(column), int(row)) for row, column in np.argwhere(texture[..., 0] == 255)}


def square(low, high):
    return {(column, row) for column in range(low, high) for row in range(low, high)}


def test_colors_are_clipped_and_rounded_to_the_nearest_byte_and_alpha_stays():
    canvas = empty_canvas(2)
    canvas.paint(np.array([2, 0]), np.array([[2.0, -1.0, 0.5], [0.0, 1.0, 0.001]], np.float32))
    assert canvas.rgba.tolist() == [[0, 255, 3, 255], [0, 0, 0, 255], [255, 0, 188, 255], [0, 0, 0, 255]]
    assert canvas.is_painted.tolist() == [True, False, True, False]


def test_a_triangle_paints_the_pixels_whose_centers_it_has_and_those_that_contain_its_corners():
    inside = {(column, row) for column in range(4) for row in range(4) if column + row <= 3}
    assert painted_pixels(HALF_SQUARE, 8) == inside | {(4, 0), (0, 4)}


@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize(("missed_by", "count"), [(5e-5, 36), (2e-4, 28)])
def test_a_center_is_painted_if_an_edge_misses_it_by_less_than_a_ten_thousandth(first, missed_by, count):
    canvas, width = empty_canvas(16), 8 / (1 + missed_by)
    corners = np.roll([[[0, 0], [width, 0], [0, width]]], first, axis=1).astype(np.float32)
    texture_fill.paint_triangles(canvas, corners, np.ones((1, 3, 3), np.float32))
    assert canvas.is_painted.sum() == count


def test_the_box_of_a_triangle_ends_at_the_pixels_whose_centers_it_reaches():
    canvas = empty_canvas(8)
    corners = np.array([[[1.5, 1.5], [5.5, 1.5], [1.5, 5.5]]], np.float32)
    texture_fill.paint_triangles(canvas, corners, np.ones((1, 3, 3), np.float32))
    expected = {(column, row) for column in range(1, 6) for row in range(1, 6) if column + row <= 6}
    assert {(int(at) % 8, int(at) // 8) for at in np.flatnonzero(canvas.is_painted)} == expected


def test_the_colors_of_the_three_corners_are_mixed_by_their_distance():
    canvas = empty_canvas(8)
    texture_fill.paint_triangles(canvas, HALF_SQUARE.astype(np.float32), np.eye(3, dtype=np.float32)[None])
    for column, row in [(0, 0), (3, 0), (0, 3), (1, 2)]:
        second, third = (column + 0.5) / 4, (row + 0.5) / 4
        expected = 255 * srgb_from_linear(np.array([1 - second - third, second, third]))
        np.testing.assert_allclose(canvas.rgba[row * 8 + column, :3], expected, atol=1)


def test_a_corner_on_the_upper_or_right_edge_does_not_wrap_to_the_other_side():
    assert painted_pixels([[[8.0, 2.0]] * 3, [[2.0, 8.0]] * 3, [[-1.0, 2.0]] * 3, [[2.0, -1.0]] * 3], 8) == set()
    assert painted_pixels([[[7.9, 2.0]] * 3, [[2.0, 7.9]] * 3], 8) == {(7, 2), (2, 7)}


def test_the_planes_of_a_triangle_are_its_barycentric_coordinates():
    corners = np.array([[[0, 0], [4, 0], [0, 2]], [[1, 1], [1, 3], [3, 1]]], np.float32)
    second, third = barycentric_planes(corners)
    assert second.dtype == third.dtype == np.float32
    np.testing.assert_allclose(second, [[0.125, -0.25], [0.25, 0], [0, 0.5]])
    np.testing.assert_allclose(third, [[0.25, -0.25], [0, 0.5], [0.5, 0]])


@pytest.mark.parametrize(
    ("double_area", "is_degenerate"), [(0, True), (0.9e-9, True), (1.9e-9, False), (-1.9e-9, False)]
)
def test_a_triangle_of_less_than_a_billionth_of_a_pixel_has_no_planes(double_area, is_degenerate):
    corners = np.array([[[0, 0], [1e-3, 0], [0, double_area / 1e-3]]], np.float32)
    assert np.isnan(barycentric_planes(corners)[0]).all() == is_degenerate


@pytest.mark.parametrize(
    ("limit", "sizes"), [(16, [1, 1, 1, 1]), (31, [1, 1, 1, 1]), (32, [2, 2]), (3, [1, 1, 1, 1]), (100, [4])]
)
def test_triangles_are_painted_in_batches_of_a_limited_number_of_pixels(monkeypatch, limit, sizes):
    batches, paint_batch = [], texture_fill.paint_batch

    def record(canvas, corners, *arguments):
        batches.append(len(corners))
        paint_batch(canvas, corners, *arguments)

    monkeypatch.setattr(texture_fill, "PIXELS_PER_BATCH", limit)
    monkeypatch.setattr(texture_fill, "paint_batch", record)
    triangles = np.concatenate([HALF_SQUARE + shift for shift in ((0, 0), (4, 0), (0, 4), (4, 4))])
    canvas = empty_canvas(8)
    texture_fill.paint_triangles(canvas, triangles.astype(np.float32), np.ones((4, 3, 3), np.float32))
    assert batches == sizes
    assert canvas.is_painted.sum() == 40


@pytest.mark.parametrize("margin", [0, 1, 2, 3])
def test_each_step_of_the_margin_adds_one_ring(margin):
    assert painted_pixels([[[8.2, 8.2]] * 3], 16, margin) == square(8 - margin, 9 + margin)


@pytest.mark.parametrize(("at", "expected"), [(0.5, square(0, 3)), (15.5, square(13, 16))])
def test_the_margin_ends_at_the_edge_of_the_texture(at, expected):
    assert painted_pixels([[[at, at]] * 3], 16, 2) == expected


def test_the_margin_has_the_color_of_the_nearest_painted_pixel_and_changes_none():
    canvas = empty_canvas(7)
    canvas.paint(np.array([22, 26]), np.array([[1, 0, 0], [0, 1, 0]], np.float32))
    dilate(canvas, 1)
    middle = canvas.rgba.reshape(7, 7, 4)[3, :, :2]
    assert middle.tolist() == [[255, 0]] * 3 + [[0, 0]] + [[0, 255]] * 3
    dilate(canvas, 3)  # colors that meet stay where they met
    assert middle[[0, 1, 2, 4, 5, 6]].tolist() == [[255, 0]] * 3 + [[0, 255]] * 3


@pytest.mark.parametrize(("row", "column"), [(1, 2), (3, 2), (2, 1), (2, 3)])
def test_a_pixel_is_on_the_border_if_a_side_of_it_is_unpainted(row, column):
    is_painted = np.ones((5, 5), bool)
    is_painted[row, column] = False
    expected = {(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)}
    assert {(int(at) // 5, int(at) % 5) for at in border(is_painted)} == expected


def test_the_edge_of_a_full_texture_is_no_border():
    assert border(np.ones((4, 4), bool)).tolist() == []
    assert border(np.zeros((4, 4), bool)).tolist() == []


def test_the_rest_has_the_mean_color_of_the_smallest_block_around_it_that_is_painted():
    canvas = empty_canvas(6)
    canvas.paint(np.array([0, 7, 28]), np.array([RED, (0, 1, 0), (0, 0, 1)], np.float32))
    before = canvas.rgba[[0, 7, 28]].tolist()
    fill_rest(canvas)
    pixels = canvas.rgba.reshape(6, 6, 4)
    assert canvas.rgba[[0, 7, 28]].tolist() == before
    assert pixels[0, 1].tolist() == pixels[3, 3].tolist() == [128, 128, 0, 255]
    assert pixels[5, 5].tolist() == [0, 0, 255, 255]
    assert pixels[0, 5].tolist() == [85, 85, 85, 255]


def test_a_texture_of_one_color_has_no_other_and_one_of_nothing_is_black():
    red = paint_texture(HALF_SQUARE / 32, np.full((1, 3, 3), RED, np.float32), 32, 2)
    assert red.reshape(-1, 4).tolist() == [[255, 0, 0, 255]] * 32**2
    outside = paint_texture(HALF_SQUARE + 2, np.full((1, 3, 3), RED, np.float32), 8, 2)
    assert outside.reshape(-1, 4).tolist() == [[0, 0, 0, 255]] * 64
