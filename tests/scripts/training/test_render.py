# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendering of meshes without a display."""

import numpy as np
import pytest
import trimesh

from scripts.training.images.camera import three_quarter_camera
from scripts.training.images.contact_sheet import contact_sheet
from scripts.training.images.rasterize import rasterize
from scripts.training.images.render import render, vertex_normals

BOX_FACES = np.array(
    [[0, 2, 3], [0, 3, 1], [4, 5, 7], [4, 7, 6], [0, 1, 5], [0, 5, 4]]
    + [[2, 6, 7], [2, 7, 3], [0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]]
)
RED, GREEN, BLUE = np.eye(3)


def box(half=(1.0, 1.0, 1.0), center=(0.0, 0.0, 0.0)):
    corners = np.array([[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], float)
    return corners * half + center, BOX_FACES


def split(vertices, faces, color_of_normal):
    """Return (vertices, faces, colors) with separate vertices for every face, colored by its normal."""
    separate = vertices[faces].reshape(-1, 3)
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    colors = np.array([color_of_normal(normal) for normal in normals])
    return separate, np.arange(len(separate)).reshape(-1, 3), np.repeat(colors, 3, axis=0)


def strongest(pixel):
    return "RGB"[int(np.argmax(pixel))]


def test_rasterization_agrees_with_a_loop_over_the_faces():
    rng = np.random.default_rng(3)
    points = rng.uniform(-5, 45, (60, 3)).astype(np.float32)
    faces = rng.integers(0, 60, (80, 3))
    seen = rasterize(points, faces, 30, 40, cull=False)
    nearest = np.full((30, 40), np.inf)
    for face in faces:
        (x0, y0, z0), (x1, y1, z1), (x2, y2, z2) = points[face].astype(float)
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area == 0:
            continue
        row, column = np.mgrid[:30, :40] + 0.5
        first = ((x1 - column) * (y2 - row) - (x2 - column) * (y1 - row)) / area
        second = ((x2 - column) * (y0 - row) - (x0 - column) * (y2 - row)) / area
        inside = (first >= 0) & (second >= 0) & (first + second <= 1)
        depth = first * z0 + second * z1 + (1 - first - second) * z2
        nearest = np.where(inside, np.minimum(nearest, depth), nearest)
    same = np.isclose(seen.depth, nearest, atol=1e-2) | (~seen.is_hit & np.isinf(nearest))
    assert same.mean() > 0.995  # pixels exactly on an edge may fall either way


def test_back_faces_are_culled_by_default_only():
    points = np.array([[1, 1, 0], [9, 1, 0], [1, 9, 0]], float)
    clockwise, counter_clockwise = np.array([[0, 1, 2]]), np.array([[0, 2, 1]])
    assert rasterize(points, counter_clockwise, 10, 10).is_hit.any()
    assert not rasterize(points, clockwise, 10, 10).is_hit.any()
    assert rasterize(points, clockwise, 10, 10, cull=False).is_hit.any()


def test_a_triangle_outside_the_image_is_not_rasterized():
    assert not rasterize(
        np.array([[-9, -9, 0], [-1, -9, 0], [-9, -1, 0]], float), np.array([[0, 2, 1]]), 8, 8
    ).is_hit.any()


def test_all_points_are_in_the_image_and_centered():
    vertices, _ = box((0.2, 0.9, 0.5), (3, -2, 7))
    image = three_quarter_camera(vertices, 200).image_of(vertices)[:, :2]
    assert image.min() > 15
    assert image.max() < 185
    np.testing.assert_allclose((image.min(axis=0) + image.max(axis=0)) / 2, 100, atol=1e-6)


def test_the_camera_sees_the_front_the_top_and_the_right_side():
    def color(normal):
        return GREEN if normal[2] > 0.5 else RED if normal[1] < -0.5 else BLUE

    image = np.asarray(render(*split(*box(), color), smooth=False))
    assert strongest(image[150, 110]) == "R"
    assert strongest(image[60, 140]) == "G"
    assert strongest(image[140, 205]) == "B"


def test_the_nearer_of_two_objects_occludes_the_other():
    near, faces = box((0.5, 0.1, 0.5), (0, -1, 0))
    far, _ = box((0.5, 0.1, 0.5), (0, 1, 0))
    vertices = np.concatenate([far, near])
    colors = np.repeat([BLUE, RED], 8, axis=0)
    image = np.asarray(render(vertices, np.concatenate([faces, faces + 8]), colors, turn_deg=0, height_deg=5))
    assert strongest(image[128, 128]) == "R"


def test_the_shadow_falls_to_the_right_on_an_otherwise_light_ground():
    vertices, faces = box((0.15, 0.15, 1.0))
    image = np.asarray(render(vertices, faces, np.ones((8, 3)))).astype(int)
    assert image[5, 5].min() > 225
    right, left = image[215, 150:200].min(), image[215, 30:100].min()
    assert right < left - 30


def test_a_triangulated_sphere_has_no_cracks():
    sphere = trimesh.creation.icosphere(subdivisions=4)
    camera = three_quarter_camera(sphere.vertices, 200)
    seen = rasterize(camera.image_of(sphere.vertices), sphere.faces, 200, 200)
    row, column = np.mgrid[:200, :200] - 99.5
    assert seen.is_hit[np.hypot(row, column) < 74].all()
    assert not seen.is_hit[np.hypot(row, column) > 78].any()


def test_normals_at_vertices_point_outward_with_length_one():
    vertices, faces = box()
    normals = vertex_normals(vertices, faces)
    assert ((normals * np.sign(vertices)).sum(axis=1) > 1.4).all()
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1)


def test_an_empty_mesh_gives_a_plain_background():
    image = np.asarray(render(np.zeros((0, 3)), np.zeros((0, 3), int), np.zeros((0, 3)), size=32))
    assert image.shape == (32, 32, 3)
    assert len(np.unique(image.reshape(-1, 3), axis=0)) == 1


def test_a_sheet_contains_every_image_and_captions_of_any_length():
    entries = [(caption, np.full((60, 60, 3), 200, np.uint8)) for caption in ("", "a chair", "word " * 40, "x" * 90)]
    sheet = np.asarray(contact_sheet(entries, columns=3))
    assert (sheet == 200).all(axis=2).sum() >= 4 * 60 * 60
    assert sheet.shape[1] == 3 * 68 + 8
    assert (sheet.min(axis=2) < 100).any()


def test_an_empty_sheet_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet([])
