# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the thumbnail's picture with exact numbers: camera, scale, normals, light, and the average of samples."""

import math

import numpy as np
import pytest

from blender_text3d.geometry import PointCloud
from blender_text3d.geometry import thumbnail as render
from blender_text3d.geometry.srgb import linear_from_srgb
from blender_text3d.geometry.thumbnail import (
    camera_axes,
    cloud_pixels,
    downsampled,
    face_normals,
    front_faces,
    lit,
    places_px,
    vertex_normals,
    without_pinholes,
)


def test_the_camera_looks_down_from_the_front_left():
    right, down, forward = camera_axes()
    np.testing.assert_allclose(camera_axes() @ camera_axes().T, np.eye(3), atol=1e-6)
    np.testing.assert_allclose(right, [math.cos(math.radians(35)), math.sin(math.radians(35)), 0], atol=1e-6)
    assert forward[2] == pytest.approx(-math.sin(math.radians(25)))
    assert math.degrees(math.atan2(-forward[0], forward[1])) == pytest.approx(35)
    assert down[2] == pytest.approx(-math.cos(math.radians(25)))


def test_the_object_spans_the_image_without_its_margin_and_is_centered():
    points = np.random.default_rng(0).random((50, 3), np.float32) * np.float32([1, 2, 3]) + 7
    column, row, _ = places_px(points, points, 200)
    spans = np.ptp(column), np.ptp(row)
    assert max(spans) == pytest.approx(200 * 0.92, rel=1e-3)
    assert (column.min() + column.max()) / 2 == pytest.approx(100, abs=0.01)
    assert (row.min() + row.max()) / 2 == pytest.approx(100, abs=0.01)


def test_a_part_is_placed_by_the_extent_of_the_object():
    points = np.random.default_rng(0).random((50, 3), np.float32)
    np.testing.assert_allclose(places_px(points[:5], points, 200), places_px(points, points, 200)[:, :5], rtol=1e-5)


def test_only_faces_turned_to_the_camera_are_in_front():
    places = np.float32([[0, 0, 10], [0, 10, 0], [0, 0, 0]])  # columns, rows (downward), depths
    faces = np.int32([[0, 1, 2], [0, 2, 1], [0, 0, 1]])
    assert front_faces(places, faces).T.tolist() == [[0, 1, 2]]


def test_a_faces_normal_points_to_the_viewer_and_is_twice_its_area():
    corners = np.float32([[[0], [0], [10]], [[0], [10], [0]], [[5], [5], [5]]])
    assert face_normals(corners)[:, 0].tolist() == [0, 0, 100]
    tilted = np.float32([[[0], [0], [10]], [[0], [10], [0]], [[0], [0], [10]]])
    assert face_normals(tilted)[:, 0].tolist() == [100, 0, 100]  # deeper to the right, so it faces right


def test_a_vertex_has_the_sum_of_its_faces_normals():
    normals = np.float32([[1, 2], [3, 4], [5, 6]])
    faces = np.int32([[0, 1], [1, 2], [2, 3]])
    assert vertex_normals(normals, faces, 5).T.tolist() == [[1, 3, 5], [3, 7, 11], [3, 7, 11], [2, 4, 6], [0, 0, 0]]


@pytest.mark.parametrize(
    ("normal", "brightness"),
    [
        ((-0.45, 0.72, 0.53), 0.22 + 0.20 * (0.5 + 0.5 * 0.72) + 0.62),
        ((0.45, -0.72, -0.53), 0.22 + 0.20 * (0.5 - 0.5 * 0.72)),
        ((0.0, 1.0, 0.0), 0.22 + 0.20 + 0.62 * 0.72),
        ((0.0, 0.0, 9.0), 0.22 + 0.10 + 0.62 * 0.53),
        ((0.0, 0.0, 0.0), 0.22 + 0.10),
    ],
)
def test_light_comes_from_above_left_and_the_sky_lights_every_side(normal, brightness):
    colors = np.float32([[0.5], [1.5], [0.0]])
    expected = linear_from_srgb(np.float32([0.5, 1.0, 0.0])) * brightness
    np.testing.assert_allclose(lit(colors, np.float32(normal)[:, None])[:, 0], expected, atol=2e-3)


def test_a_pixel_is_the_mean_of_its_covered_samples_and_their_share_is_its_alpha():
    side = render.SIDE_PX * render.SUPERSAMPLING
    image = np.zeros((4, side, side), np.float32)
    image[:, 0, 0] = 1, 0, 0, 1
    image[:, 0, 1] = 0, 1, 0, 1
    image[:, 2:4, 2:4] = np.float32([1, 1, 1, 1])[:, None, None]
    pixels = downsampled(image.reshape(4, -1), render.SIDE_PX)
    assert pixels.shape == (128, 128, 4)
    assert pixels.dtype == np.uint8
    assert pixels[0, 0].tolist() == [188, 188, 0, 128]
    assert pixels[1, 1].tolist() == [255, 255, 255, 255]
    assert not pixels[2:].any()


def test_a_gap_between_two_drawn_pixels_is_filled_with_one_of_their_colors():
    side = 5
    pixel = np.int32([1 * side + 1, 1 * side + 3, 3 * side + 0, 1 * side + 0])
    colors = np.float32([[1, 2, 3, 4]] * 3)
    filled, shades = without_pinholes(pixel, colors, side)
    found = dict(zip(filled.tolist(), shades[0].tolist(), strict=True))
    assert found == {6: 1, 8: 2, 15: 3, 5: 4, 7: 1, 10: 4}


class Drawn(Exception):
    """Balls that would be drawn: their number and their radius."""


def balls(count: int, side: int) -> tuple[int, float]:
    """Return the number and the radius in pixels of the balls of a cloud."""
    points = np.random.default_rng(0).random((count, 3), np.float32)
    with pytest.raises(Drawn) as drawn:
        cloud_pixels(PointCloud(points, points), side)
    return drawn.value.args


@pytest.fixture
def drawn_balls(monkeypatch):
    def sphere_hits(places, radius_px, side):
        raise Drawn(places.shape[1], radius_px)

    monkeypatch.setattr(render, "sphere_hits", sphere_hits)


@pytest.mark.parametrize(("count", "drawn"), [(20, 20), (21, 11), (40, 20), (41, 14)])
def test_of_many_points_an_even_part_is_drawn(drawn_balls, monkeypatch, count, drawn):
    monkeypatch.setattr(render, "MAX_POINTS", 20)
    assert balls(count, 256)[0] == drawn


@pytest.mark.parametrize(
    ("count", "side", "radius_px"),
    [
        (20, 256, 8.0),
        (4096, 256, 4.0),
        (20_000, 256, 256 / math.sqrt(20_000)),
        (30_000, 256, 256 / math.sqrt(15_000)),
        (20_000, 128, 1.5),
    ],
)
def test_balls_cover_the_image_within_limits_of_their_size(drawn_balls, count, side, radius_px):
    assert balls(count, side)[1] == pytest.approx(radius_px)
