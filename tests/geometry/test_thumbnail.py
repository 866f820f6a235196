# SPDX-License-Identifier: GPL-3.0-or-later
"""The looks of thumbnails: fit, colors, light and transparency, for meshes of all densities and point clouds."""

import numpy as np
import pytest

from blender_text3d.geometry import Mesh, PointCloud
from blender_text3d.geometry import thumbnail as render
from blender_text3d.geometry.textured_mesh import NO_TEXTURE, TexturedMesh
from blender_text3d.geometry.thumbnail import SIDE_PX, thumbnail

GRAY = (0.5, 0.5, 0.5)


def sphere(rings: int = 40, color=GRAY, scale=(1.0, 1.0, 1.0), place=(0.0, 0.0, 0.0)) -> Mesh:
    """Return a closed sphere of 4 * rings * (rings - 1) triangles."""
    polar, azimuth = np.linspace(0, np.pi, rings + 1)[1:-1], np.linspace(0, 2 * np.pi, 2 * rings, endpoint=False)
    p, a = np.meshgrid(polar, azimuth, indexing="ij")
    middle = np.stack([np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)], -1).reshape(-1, 3)
    vertices = np.concatenate([middle, [[0, 0, 1], [0, 0, -1]]]) * scale + place
    grid = np.arange(len(middle)).reshape(p.shape)
    upper, lower = grid[:-1], grid[1:]
    next_upper, next_lower = np.roll(upper, -1, 1), np.roll(lower, -1, 1)
    top, bottom = np.full_like(grid[0], len(middle)), np.full_like(grid[0], len(middle) + 1)
    triangles = [(upper, lower, next_upper), (next_upper, lower, next_lower),
                 (top, grid[0], np.roll(grid[0], -1)), (bottom, np.roll(grid[-1], -1), grid[-1])]  # fmt: skip
    faces = np.concatenate([np.stack(corners, -1).reshape(-1, 3) for corners in triangles])
    return Mesh(vertices.astype(np.float32), faces.astype(np.int32), np.tile(np.float32(color), (len(vertices), 1)))


def joined(*meshes: Mesh) -> Mesh:
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    faces = np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)])
    vertices, colors = (np.concatenate([getattr(mesh, name) for mesh in meshes]) for name in ("vertices", "colors"))
    return Mesh(vertices, faces.astype(np.int32), colors)


def cloud_of(mesh: Mesh) -> PointCloud:
    return PointCloud(mesh.vertices, mesh.colors)


def covered(image: np.ndarray) -> np.ndarray:
    return image[..., 3] > 127


@pytest.mark.parametrize("geometry", [sphere(12), sphere(70), cloud_of(sphere(30)), sphere(200)],
                         ids=["coarse", "fine", "cloud", "dense"])  # fmt: skip
def test_an_object_fills_the_image_and_leaves_its_corners_transparent(geometry):
    image = thumbnail(geometry)
    assert image.shape == (SIDE_PX, SIDE_PX, 4)
    assert image.dtype == np.uint8
    rows, columns = np.nonzero(covered(image))
    assert rows.max() - rows.min() > 0.88 * SIDE_PX
    assert columns.max() - columns.min() > 0.88 * SIDE_PX
    assert not image[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    assert np.pi / 4 * 0.8 < covered(image).mean() < np.pi / 4


@pytest.mark.parametrize("rings", [12, 70, 200])
def test_a_closed_surface_has_no_holes(rings):
    inner = np.hypot(*np.mgrid[0:SIDE_PX, 0:SIDE_PX] + 0.5 - SIDE_PX / 2) < 0.42 * SIDE_PX
    assert (thumbnail(sphere(rings))[inner][:, 3] > 127).mean() > 0.999


def test_edges_are_smooth():
    alpha = thumbnail(sphere())[..., 3]
    assert len(np.unique(alpha)) > 3


def test_any_place_and_size_of_the_object_gives_the_same_image():
    image = thumbnail(sphere())
    moved = thumbnail(sphere(scale=(0.01, 0.01, 0.01), place=(5.0, -3.0, 2.0)))
    assert np.abs(image.astype(int) - moved).mean() < 1


def test_the_same_object_gives_the_same_bytes():
    for geometry in (sphere(), sphere(200), cloud_of(sphere())):
        assert np.array_equal(thumbnail(geometry), thumbnail(geometry))


def test_colors_are_kept_and_the_top_is_brighter_than_the_bottom():
    image = thumbnail(sphere(color=(0.8, 0.1, 0.1)))[..., :3].astype(int)
    center = image[SIDE_PX // 2, SIDE_PX // 2]
    assert center[0] > 3 * center[1]
    assert center[1] == center[2]
    assert image[SIDE_PX // 5, SIDE_PX // 2, 0] > image[-SIDE_PX // 5, SIDE_PX // 2, 0] + 30


def test_the_front_is_seen_from_its_left_and_above():
    """In model space the front of an object is toward -Y, and its left side toward +X."""
    balls = {"front": (0, -3, 0), "back": (0, 3, 0), "left": (3, 0, 0), "right": (-3, 0, 0), "top": (0, 0, 3)}
    colors = {"front": (1, 0, 0), "back": (0, 1, 0), "left": (0, 0, 1), "right": (1, 1, 0), "top": (1, 0, 1)}
    image = thumbnail(joined(*(sphere(12, colors[name], place=place) for name, place in balls.items())))
    seen = {name: ((image[..., :3] > 60) == np.array(color, bool)).all(-1) for name, color in colors.items()}
    places = {name: np.argwhere(pixels & covered(image)).mean(axis=0) for name, pixels in seen.items()}
    row, column = 0, 1
    assert places["top"][row] < places["back"][row] < places["front"][row]
    assert places["right"][column] < places["front"][column] < places["left"][column]


def test_a_nearer_part_hides_a_farther_one():
    small_behind = sphere(12, (0, 1, 0), place=(-1.2, 1.7, -1.0), scale=(0.3, 0.3, 0.3))
    image = thumbnail(joined(sphere(20, (1, 0, 0)), small_behind))
    assert not ((image[..., 1] > image[..., 0]) & covered(image)).any()


def test_a_mesh_of_very_many_faces_looks_like_a_coarse_one(monkeypatch):
    fine = thumbnail(sphere(100))
    monkeypatch.setattr(render, "MAX_TRIANGLES", 1000)
    assert np.abs(fine.astype(int) - thumbnail(sphere(100))).mean() < 6


def test_the_work_for_a_dense_mesh_is_limited_and_it_still_fits_the_image(monkeypatch):
    sizes, places_px = [], render.places_px

    def recorded(points, extent, side):
        sizes.append((len(points), len(extent)))
        return places_px(points, extent, side)

    monkeypatch.setattr(render, "MAX_TRIANGLES", 1000)
    monkeypatch.setattr(render, "places_px", recorded)
    rows, columns = np.nonzero(covered(thumbnail(sphere(400))))
    assert sizes == [(3 * render.SAMPLES, 3 * render.SAMPLES)]
    assert min(rows.min(), columns.min()) >= 4
    assert max(rows.max(), columns.max()) <= 123


@pytest.mark.parametrize(
    "geometry",
    [
        Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), np.zeros((0, 3), np.float32)),
        PointCloud(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32)),
        Mesh(np.zeros((3, 3), np.float32), np.array([[0, 1, 2]], np.int32), np.zeros((3, 3), np.float32)),
    ],
)
def test_an_object_without_area_gives_a_transparent_image(geometry):
    assert not thumbnail(geometry).any()


def test_a_single_point_and_colors_outside_the_range_are_drawn():
    image = thumbnail(PointCloud(np.zeros((1, 3), np.float32), np.full((1, 3), 7, np.float32)))
    assert covered(image).any()


def test_a_larger_picture_shows_the_same_object():
    small, large = thumbnail(sphere(30)), thumbnail(sphere(30), 2 * SIDE_PX)
    assert large.shape == (2 * SIDE_PX, 2 * SIDE_PX, 4)
    halved = large.reshape(SIDE_PX, 2, SIDE_PX, 2, 4).mean(axis=(1, 3))
    inside = halved[..., 3] == 255
    assert np.abs(halved - small)[inside].max() < 12


def box(texture=None) -> TexturedMesh:
    """Return a cube of shared vertices, gray or with the whole texture on each triangle."""
    corners = np.float32([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.int32([face for a, b, c, d in quads for face in ((a, b, c), (a, c, d))])
    colors = np.full((12, 3, 3), 0.5 if texture is None else 1, np.float32)
    coordinates = np.tile(np.float32([[0, 0], [1, 0], [1, 1]]), (12, 1, 1))
    shown = np.full(12, NO_TEXTURE if texture is None else 0, np.int32)
    return TexturedMesh(corners, faces, colors, coordinates, shown, () if texture is None else (texture,))


def test_the_sides_of_a_box_are_flat_though_they_share_vertices():
    image = thumbnail(box(), 64, 1)
    colors, counts = np.unique(image[image[..., 3] == 255][:, :3], axis=0, return_counts=True)
    assert len(colors[counts > 20]) == 3
    assert counts[counts > 20].sum() > 0.98 * counts.sum()


def test_a_round_textured_mesh_is_smooth():
    mesh = sphere(30)
    empty = np.zeros((len(mesh.faces), 3, 2), np.float32)
    textured = TexturedMesh(
        mesh.vertices, mesh.faces, mesh.colors[mesh.faces], empty, np.full(len(mesh.faces), NO_TEXTURE, np.int32)
    )
    difference = np.abs(thumbnail(textured).astype(int) - thumbnail(mesh))
    assert difference.max() <= 4


def test_a_texture_is_shown_at_each_pixel():
    texture = np.zeros((8, 8, 3), np.uint8)
    texture[:, :4, 0], texture[:, 4:, 1] = 255, 255
    image = thumbnail(box(texture), 64, 1)
    seen = image[image[..., 3] == 255][:, :3].astype(int)
    is_red, is_green = seen[:, 0] > 4 * seen[:, 1], seen[:, 1] > 4 * seen[:, 0]
    assert (is_red | is_green).all()
    assert min(is_red.mean(), is_green.mean()) > 0.2
