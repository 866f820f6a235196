# SPDX-License-Identifier: GPL-3.0-or-later
"""Point clouds and meshes refuse arrays that could not be drawn."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from blender_text3d import geometry
from blender_text3d.geometry import Cameras, Mesh, PointCloud, Views
from blender_text3d.geometry.mesh import check_triplets

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


def test_faces_may_refer_to_the_first_and_the_last_vertex():
    faces = np.array([[0, 3, 3]], np.int32)
    assert Mesh(POINTS, faces, POINTS).faces is faces


@pytest.mark.parametrize(
    ("vertices", "faces", "colors", "message"),
    [
        (POINTS[:, :2], FACES, POINTS, "vertices must be (R, 3) float32, not (4, 2) float32"),
        (POINTS.astype(np.float64), FACES, POINTS, "vertices must be (R, 3) float32, not (4, 3) float64"),
        (POINTS, FACES.astype(np.int64), POINTS, "faces must be (R, 3) int32, not (2, 3) int64"),
        (POINTS, FACES[0], POINTS, "faces must be (R, 3) int32, not (3,) int32"),
        (POINTS, FACES.tolist(), POINTS, "faces must be a (R, 3) int32 array, not list"),
        (POINTS, FACES, POINTS[:3], "colors must be (4, 3) float32, not (3, 3) float32"),
        (POINTS, FACES, None, "colors must be a (4, 3) float32 array, not NoneType"),
        (POINTS, FACES, POINTS.astype(np.uint8), "colors must be (4, 3) float32, not (4, 3) uint8"),
        (POINTS, FACES, np.full((4, 3), np.inf, np.float32), "colors contains values that are not finite"),
        (
            POINTS,
            np.array([[0, 1, 2], [5, -1, 3]], np.int32),
            POINTS,
            "faces refer to vertices -1 to 5, but the mesh has 4 vertices",
        ),
        (POINTS[:0], FACES[:1], POINTS[:0], "faces refer to vertices 0 to 2, but the mesh has 0 vertices"),
    ],
)
def test_a_mesh_says_which_array_is_wrong_and_how(vertices, faces, colors, message):
    with pytest.raises(ValueError, match="^") as refusal:
        Mesh(vertices, faces, colors)
    assert str(refusal.value) == message


def with_one(value: float) -> np.ndarray:
    points = POINTS.copy()
    points[2, 1] = value
    return points


@pytest.mark.parametrize(
    ("points", "colors", "message"),
    [
        (with_one(np.nan), POINTS, "points contains values that are not finite"),
        (with_one(-np.inf), POINTS, "points contains values that are not finite"),
        (POINTS, with_one(np.nan), "colors contains values that are not finite"),
        (POINTS, POINTS.astype(np.float64), "colors must be (4, 3) float32, not (4, 3) float64"),
        (POINTS.astype(np.int32), POINTS, "points must be (R, 3) float32, not (4, 3) int32"),
    ],
)
def test_a_cloud_says_which_array_is_wrong_and_how(points, colors, message):
    with pytest.raises(ValueError, match="^") as refusal:
        PointCloud(points, colors)
    assert str(refusal.value) == message


def test_a_cloud_keeps_its_arrays_and_may_be_empty():
    cloud = PointCloud(POINTS, POINTS)
    assert cloud.points is cloud.colors is POINTS
    assert len(PointCloud(POINTS[:0], POINTS[:0]).points) == 0


def test_rows_are_counted_only_if_their_number_is_given():
    assert check_triplets("points", POINTS, np.float32) is None
    assert check_triplets("points", POINTS, np.float32, rows=4) is None
    assert check_triplets("points", POINTS[:0], np.float32, rows=0) is None
    with pytest.raises(ValueError, match=r"^points must be \(0, 3\) float32, not \(4, 3\) float32$"):
        check_triplets("points", POINTS, np.float32, rows=0)


def cameras() -> Cameras:
    return Cameras(POINTS[:1], np.eye(3, dtype=np.float32)[None], 5.0, 2, 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: PointCloud(POINTS, POINTS),
        lambda: Mesh(POINTS, FACES, POINTS),
        cameras,
        lambda: Views(np.zeros((1, 2, 2, 4), np.uint8), cameras()),
    ],
    ids=["cloud", "mesh", "cameras", "views"],
)
def test_values_are_told_apart_by_identity_and_cannot_be_changed(make):
    first, second = make(), make()
    assert first != second
    assert len({first, second, first}) == 2
    with pytest.raises(FrozenInstanceError):
        first.colors = POINTS


def test_every_public_name_can_be_imported():
    functions = {"load_geometry", "load_views", "save_geometry", "save_views"}
    assert set(geometry.__all__) == {"Cameras", "Mesh", "PointCloud", "Views"} | functions
    assert all(hasattr(geometry, name) for name in geometry.__all__)
