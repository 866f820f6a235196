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
        ({"height_px": 0}, "40 x 0 px at focal length 50.0 px is not a valid image"),
        ({"focal_px": -50.0}, "is not a valid image"),
        ({"focal_px": np.nan}, "is not a valid image"),
        ({"focal_px": np.inf}, "is not a valid image"),
        ({"places_in_model": np.full((1, 3), np.nan, np.float32)}, "places_in_model contains values that are not"),
        ({"places_in_model": PLACE.repeat(2, 0)}, r"model_from_cameras must be a \(2, 3, 3\) float32 array"),
        ({"model_from_cameras": FRONT.astype(np.float64)}, r"must be a \(1, 3, 3\) float32 array"),
        ({"model_from_cameras": FRONT.tolist()}, r"must be a \(1, 3, 3\) float32 array"),
        ({"model_from_cameras": FRONT * np.float32(1.001)}, "not a rotation"),
        ({"model_from_cameras": FRONT * np.float32(np.nan)}, "not a rotation"),
    ],
)
def test_invalid_cameras_are_refused(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        cameras(**changes)


LEFT = np.array([[[0, 0, 1], [-1, 0, 0], [0, -1, 0]]], np.float32)  # right is -Y, down is -Z, forward is +X
MIRRORED = FRONT * np.float32([1, 1, -1])


def two_cameras(**changes) -> Cameras:
    places = np.array([[0, -4, 0], [-3, 1, 2]], np.float32)
    return cameras(places_in_model=places, model_from_cameras=np.concatenate([FRONT, LEFT]), **changes)


def test_each_camera_projects_with_its_own_place_and_rotation():
    points = np.array([[0, 0, 1], [2, 1, 2], [7, 0, 2]], np.float32)
    np.testing.assert_allclose(
        two_cameras().pixels(1, points), [[20 + 50 / 3, 15 + 50 / 3, 3], [20, 15, 5], [25, 15, 10]], atol=1e-5
    )
    np.testing.assert_allclose(two_cameras().pixels(0, points[:1]), [[20, 15 - 50 / 4, 4]], atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pixels_have_the_precision_of_the_points_and_a_row_for_each(dtype):
    pixels = cameras().pixels(0, np.zeros((5, 3), dtype))
    assert (pixels.shape, pixels.dtype) == ((5, 3), dtype)


def test_the_depth_of_a_point_behind_the_camera_is_negative():
    assert cameras().pixels(0, np.array([[0, -6, 0]], np.float32))[0, 2] == -2


def test_matrices_hold_the_places_of_the_cameras_and_rotations_to_blenders_axes():
    matrices = two_cameras().model_from_blender_cameras()
    assert (matrices.shape, matrices.dtype) == ((2, 4, 4), np.float32)
    assert matrices[0].tolist() == [[1, 0, 0, 0], [0, 0, -1, -4], [0, 1, 0, 0], [0, 0, 0, 1]]
    assert matrices[1].tolist() == [[0, 0, -1, -3], [-1, 0, 0, 1], [0, 1, 0, 2], [0, 0, 0, 1]]


@pytest.mark.parametrize(("width_px", "focal_px", "angle"), [(40, 20.0, np.pi / 2), (40, 50.0, 2 * np.arctan(0.4))])
def test_the_field_of_view_is_that_of_the_width(width_px, focal_px, angle):
    found = cameras(width_px=width_px, focal_px=focal_px, height_px=999).angle_x_rad()
    assert type(found) is float
    assert found == pytest.approx(angle)


def test_the_smallest_image_is_one_pixel():
    assert len(cameras(width_px=1, height_px=1, focal_px=1e-3)) == 1


def test_rotations_may_have_rounding_errors():
    assert len(cameras(model_from_cameras=FRONT * np.float32(1.00004))) == 1


def test_every_matrix_has_to_be_a_rotation():
    assert len(two_cameras()) == 2
    for rotations in ([FRONT, MIRRORED], [MIRRORED, FRONT], [FRONT, FRONT * 2]):
        with pytest.raises(ValueError, match="not a rotation"):
            cameras(places_in_model=PLACE.repeat(2, 0), model_from_cameras=np.concatenate(rotations, dtype=np.float32))


def test_there_may_be_no_cameras():
    none = cameras(places_in_model=PLACE[:0], model_from_cameras=FRONT[:0])
    assert (len(none), none.model_from_blender_cameras().shape) == (0, (0, 4, 4))
