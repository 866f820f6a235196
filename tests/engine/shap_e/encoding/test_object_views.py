# SPDX-License-Identifier: GPL-3.0-or-later
"""Views and points of meshes of any size, number of faces and number of parts."""

import numpy as np
import pytest
import trimesh

from blender_text3d.engine.shap_e.encoding.object_views import (
    object_points,
    object_views,
    unit_size,
)
from blender_text3d.geometry.object_cameras import FOV_RAD, camera_rows, sphere_cameras
from blender_text3d.geometry.textured_mesh import TexturedMesh


def mesh_of(shape, color=(0.2, 0.4, 0.6)):
    count = len(shape.faces)
    colors = np.broadcast_to(np.float32(color), (count, 3, 3))
    arrays = np.zeros((count, 3, 2), np.float32), np.full(count, -1, np.int32)
    return TexturedMesh(np.float32(shape.vertices), np.int32(shape.faces), colors, *arrays)


def ended(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def rendered(shape, count=4, side=48):
    return ended(object_views(mesh_of(shape), count, seed=1, side=side))


def test_a_ball_is_seen_in_the_middle_of_every_view_at_its_distance():
    views = rendered(trimesh.creation.icosphere(3))
    assert views.lit.shape == (4, 48, 48, 4)
    assert np.allclose(views.depths[:, 23:25, 23:25], 1.5, atol=0.02)
    assert np.isinf(views.depths[:, 0, 0]).all()
    assert np.allclose(views.colors[:, 24, 24], [0.2, 0.4, 0.6, 1])
    assert (views.lit[:, 24, 24, :3] <= [51, 102, 153]).all()  # at most the base color, under the light
    assert views.lit[..., :3][views.lit[..., 3] > 0].min() > 20


def test_cameras_are_all_around_and_upright_with_blenders_default_lens():
    cameras = sphere_cameras(500, 256, seed=0)
    assert np.allclose(np.linalg.norm(cameras.places_in_model, axis=1), 2)
    assert np.abs(cameras.places_in_model.mean(axis=0)).max() < 0.2
    assert (np.abs(cameras.places_in_model[:, 2]) < 1).mean() == pytest.approx(0.5, abs=0.08)  # uniform on the sphere
    assert (cameras.model_from_cameras[:, 2, 1] < 0).all()
    rows = camera_rows(cameras)
    assert rows.shape == (500, 14)
    assert np.allclose(rows[:, 12:], FOV_RAD)


def test_points_are_on_the_surface_far_from_each_other_and_unlit():
    points, colors = ended(object_points(rendered(trimesh.creation.icosphere(4)), 200, seed=0))
    assert np.allclose(
        np.linalg.norm(points, axis=1), 0.5, atol=0.03
    )  # the ends of a view count as its pixels' centers
    assert np.allclose(colors, [51 / 255, 102 / 255, 153 / 255])
    nearest = np.linalg.norm(points[:20, None] - points[None, :20], axis=2) + np.eye(20) * 9
    assert nearest.min() > 0.2


SHAPES = {
    "tiny": trimesh.creation.box((1e-6, 2e-6, 1e-6)),
    "huge": trimesh.creation.box((1e7, 2e7, 1e7)),
    "far away": trimesh.creation.box((1, 2, 1), trimesh.transformations.translation_matrix((5000, 0, 0))),
    "flat": trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], [[0, 1, 2], [0, 2, 3]]),
    "two far parts": trimesh.util.concatenate(
        [trimesh.creation.box((1, 1, 1)), trimesh.creation.box((1, 1, 1)).apply_translation((60, 0, 0))]
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_objects_of_any_size_have_views_and_as_many_points_as_asked(name):
    shape = SHAPES[name]
    places = unit_size(mesh_of(shape))
    assert np.ptp(places, axis=0).max() == pytest.approx(1, abs=1e-3)
    points, colors = ended(object_points(rendered(shape, side=128), 300, seed=0))
    assert points.shape == colors.shape == (300, 3)
    assert np.isfinite(points).all()
    assert np.ptp(points, axis=0).max() == pytest.approx(1, abs=0.06)


def test_a_million_faces_are_rendered():
    line = np.linspace(-1, 1, 708, dtype=np.float32)
    x, y = np.meshgrid(line, line)
    vertices = np.stack([x.ravel(), y.ravel(), (x * y).ravel()], axis=1)
    corner = (np.arange(707)[:, None] * 708 + np.arange(707)).ravel()
    halves = [[corner, corner + 1, corner + 709], [corner, corner + 709, corner + 708]]
    faces = np.concatenate([np.stack(half) for half in halves], axis=1)
    assert faces.shape[1] > 999_000
    views = rendered(trimesh.Trimesh(vertices, faces.T, process=False), count=1, side=16)
    assert np.isfinite(views.depths).sum() > 20
