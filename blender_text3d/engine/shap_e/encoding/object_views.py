# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh to the views and the points that the encoders take, without Blender.

Source: openai/shap-e, shap_e/rendering/blender/blender_script.py: cameras at distance 2 from an object whose longest
side is 1, uniform on the sphere, Blender's default lens; base colors under one light for views, without it for points.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from ....geometry.farthest_points import farthest_order
from ....geometry.object_cameras import AMBIENT, DIFFUSE, LIGHT_DIRECTION, camera_rows, sphere_cameras
from ....geometry.rendered_views import RenderedViews
from ....geometry.srgb import linear_from_srgb, srgb_from_linear
from ....geometry.textured_mesh import TexturedMesh
from ..rendering.rasterize import PixelHits, rasterize
from .prepare_views import points_of_views

RENDERED_SIDE = 512
CANDIDATES_PER_POINT = 4
"""Points drawn for each point that is kept; more would only cost time."""
JITTER = 1e-4
"""Deviation of repeated points, where too few pixels show the object."""


@dataclass(frozen=True)
class ObjectViews:
    """Views of an object whose longest side is 1.

    Attributes:
        lit: (V, H, W, 4) uint8 sRGB and alpha, base colors under the light.
        colors: (V, H, W, 4) float32, base colors in sRGB and alpha, 0..1.
        depths: (V, H, W) float32 along the cameras' axes, infinite for background.
        cameras: (V, 14) float32, see `encoder_inputs.CAMERA_VALUES`.
    """

    lit: np.ndarray
    colors: np.ndarray
    depths: np.ndarray
    cameras: np.ndarray


def unit_size(mesh: TexturedMesh) -> np.ndarray:
    """Return the vertices (V, 3) float32 of a mesh with faces, moved and scaled so that the longest side is 1."""
    used = mesh.vertices[mesh.faces.ravel()].astype(np.float64)
    low, high = used.min(axis=0), used.max(axis=0)
    places = (mesh.vertices.astype(np.float64) - (low + high) / 2) / (high - low).max()
    return places.astype(np.float32)


def object_views(
    mesh: TexturedMesh, count: int, seed: int, side: int = RENDERED_SIDE
) -> Generator[int, None, ObjectViews]:
    """Render a mesh from random directions; yield the number of rendered views.

    Args:
        mesh: a mesh with faces of any size.
        count: number of views.
        seed: determines the cameras.
        side: width and height of the views in pixels.
    """
    places, cameras = unit_size(mesh), sphere_cameras(count, side, seed)
    brightness = face_brightness(places, mesh.faces)
    lit = np.zeros((count, side, side, 4), np.uint8)
    colors = np.zeros((count, side, side, 4), np.float32)
    depths = np.full((count, side, side), np.inf, np.float32)
    for index in range(count):
        corners = cameras.pixels(index, places)[mesh.faces]
        hits = rasterize(corners, side, side)
        shown = np.ones((len(hits.pixel), 4), np.float32)
        shown[:, :3] = mesh.base_colors(hits.face, hits.weights)
        colors[index].reshape(-1, 4)[hits.pixel] = shown
        shown[:, :3] = srgb_from_linear(linear_from_srgb(shown[:, :3]) * brightness[hits.face, None])
        lit[index].reshape(-1, 4)[hits.pixel] = np.rint(shown * 255).astype(np.uint8)
        depths[index].ravel()[hits.pixel] = hit_depths(hits, corners)
        yield index + 1
    return ObjectViews(lit, colors, depths, camera_rows(cameras))


def views_of(rendered: RenderedViews) -> ObjectViews:
    """Return views that Blender rendered, under the same light as ours."""
    colors, depths = rendered.images.astype(np.float32) / 255, rendered.depths_in_units()
    colors[..., 3] = np.isfinite(depths)
    light = (AMBIENT + DIFFUSE * rendered.angles[..., None] / 255).astype(np.float32)
    lit = np.concatenate([srgb_from_linear(linear_from_srgb(colors[..., :3]) * light), colors[..., 3:]], axis=-1)
    return ObjectViews(np.rint(lit * 255).astype(np.uint8), colors, depths, rendered.cameras)


def face_brightness(places: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return the light (F,) float32 that faces reflect, in linear light."""
    first, second, third = places[faces].astype(np.float64).transpose(1, 0, 2)
    normals = np.cross(second - first, third - first)
    lengths = np.linalg.norm(normals, axis=1).clip(1e-30, None)
    return (AMBIENT + DIFFUSE * np.abs(normals @ LIGHT_DIRECTION) / lengths).astype(np.float32)


def hit_depths(hits: PixelHits, corners: np.ndarray) -> np.ndarray:
    """Return the depths (Q,) of visible points of triangles (F, 3, 3) in pixels and depth."""
    return np.einsum("qk,qk->q", corners[hits.face][..., 2], hits.weights)


def object_points(views: ObjectViews, count: int, seed: int) -> Generator[int, None, tuple[np.ndarray, np.ndarray]]:
    """Choose points that the views show, in farthest-point order; yield the number of chosen ones.

    Args:
        views: views, of which at least one shows something.
        count: number of points.
        seed: determines the drawn points.

    Returns:
        Points (count, 3) float32 and base colors (count, 3) float32 sRGB, rounded to bytes.
    """
    rng = np.random.default_rng(seed)
    points, colors = points_of_views(views.colors, views.depths, views.cameras)
    while len(points) < count:
        points = np.concatenate([points, points + rng.normal(0, JITTER, points.shape).astype(np.float32)])
        colors = np.concatenate([colors, colors])
    drawn = rng.choice(len(points), min(len(points), count * CANDIDATES_PER_POINT), replace=False)
    points, colors = points[drawn], colors[drawn]
    chosen = yield from farthest_order(points, count, start=0)
    return points[chosen], (np.rint(colors[chosen] * 255) / 255).astype(np.float32)
