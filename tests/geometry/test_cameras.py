# SPDX-License-Identifier: GPL-3.0-or-later
"""Pinhole projection to this package's pixels and to Blender's camera space."""

import numpy as np
import pytest

from blender_text3d.geometry import Cameras

# Camera at -Y, four units in front of the object, facing +Y: right is +X, down is -Z.
FRONT = np.array([[[1, 0, 0], [0, 0, 1], [0, -1, 0]]], np.float32)
PLACE = np.array([[0, -4, 0]], np.float32)


def cameras(**changes) -> Cameras:
    values = {"places_in_model": PLACE, "model_from_cameras": FRONT, "focal_px": 50.0, "width_px": 40, "height_px": 30}
    return Cameras(**values | changes)


@pytest.mark.parametrize(
    ("point", "column", "row", "ahead"),
    [
        ((0, 0, 0), 20, 15, 4),
        ((1, 0, 0), 20 + 50 / 4, 15, 4),
        ((0, 0, 1), 20, 15 - 50 / 4, 4),
        ((1, -2, -1), 20 + 50 / 2, 15 + 50 / 2, 2),
        ((0, 6, 1), 20, 15 - 5, 10),
    ],
)
def test_a_known_point_is_projected_to_the_pixel_given_by_similar_triangles(point, column, row, ahead):
    np.testing.assert_allclose(cameras().pixels(0, np.array([point], np.float32)), [[column, row, ahead]], atol=1e-5)


def test_blenders_camera_space_has_the_same_right_faces_minus_z_and_has_y_up():
    (matrix,) = cameras().model_from_blender_cameras()
    blender_from_model = np.linalg.inv(matrix)
    in_camera = blender_from_model @ np.array([1, 0, 2, 1], np.float32)
    np.testing.assert_allclose(in_camera, [1, 2, -4, 1], atol=1e-6)


def test_a_blender_camera_at_the_left_of_the_object_looks_to_the_right_with_its_top_up():
    from_left = np.array([[[0, 0, 1], [-1, 0, 0], [0, -1, 0]]], np.float32)  # right is -Y, down is -Z, forward is +X
    (matrix,) = cameras(model_from_cameras=from_left).model_from_blender_cameras()
    np.testing.assert_allclose(matrix[:3, 0], [0, -1, 0], atol=1e-6)
    np.testing.assert_allclose(matrix[:3, 1], [0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(-matrix[:3, 2], [1, 0, 0], atol=1e-6)


def test_blenders_angle_spans_the_image_from_left_to_right():
    half = np.tan(cameras().angle_x_rad() / 2)
    (edge,) = cameras().pixels(0, np.array([[4 * half, 0, 0]]))
    assert edge[0] == pytest.approx(40)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"places_in_model": PLACE.astype(np.float64)}, "places_in_model must be"),
        ({"model_from_cameras": FRONT[0]}, r"must be a \(1, 3, 3\) float32 array"),
        ({"model_from_cameras": FRONT * 2}, "not a rotation"),
        ({"model_from_cameras": FRONT * np.float32([1, 1, -1])}, "not a rotation"),
        ({"focal_px": 0.0}, "40 x 30 px at focal length 0.0 px is not a valid image"),
        ({"width_px": 0}, "is not a valid image"),
    ],
)
def test_invalid_cameras_are_refused(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        cameras(**changes)
