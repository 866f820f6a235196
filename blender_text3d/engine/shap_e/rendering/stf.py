# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of a mesh as in Shap-E's surface mode (STF): vertex colors under one directional light.

Source: openai/shap-e, shap_e/models/stf/renderer.py (colors interpolated and lit in linear light),
shap_e/rendering/raycast (flat shading, without pytorch3d) and shap_e/rendering/pytorch3d_util.py (smooth shading); the
light from shap_e/rendering/blender/constants.py. Two differences: the official ray caster treats every triangle as the
parallelogram it is half of, and its background is black instead of transparent.
"""

from dataclasses import dataclass

import numpy as np

from ....geometry import Cameras, Mesh
from ....geometry.object_cameras import AMBIENT, DIFFUSE, LIGHT_DIRECTION
from ....geometry.srgb import linear_from_srgb, srgb_from_linear
from .rasterize import PixelHits, rasterize
from .rgba import rgba_image


@dataclass(frozen=True)
class STFSettings:
    """Settings for rendering a mesh.

    Attributes:
        grid: grid points per side to extract the mesh with if none is given.
        is_smooth: True for smooth shading, like the official package with pytorch3d; False for flat shading.
        supersampling: rendered pixels per image pixel and side; 1 gives hard edges, as in the official package.
    """

    grid: int = 128
    is_smooth: bool = True
    supersampling: int = 2


def render_mesh_view(mesh: Mesh, cameras: Cameras, index: int, settings: STFSettings) -> np.ndarray:
    """Render one camera's image of a mesh that is completely in front of it.

    Args:
        mesh: mesh in model space.
        cameras: all cameras.
        index: index of the camera.
        settings: how to render.

    Returns:
        (H, W, 4) uint8, sRGB and alpha; fully transparent for a mesh without faces.
    """
    height, width, side = cameras.height_px, cameras.width_px, settings.supersampling
    corners = cameras.pixels(index, mesh.vertices.astype(np.float64))[mesh.faces] * (side, side, 1)
    hits = rasterize(corners, height * side, width * side)
    pixels = np.zeros((height * side * width * side, 4))
    pixels[hits.pixel, :3], pixels[hits.pixel, 3] = lit_colors(mesh, hits, settings.is_smooth), 1.0
    mean = pixels.reshape(height, side, width, side, 4).mean(axis=(1, 3)).reshape(-1, 4)
    coverage = mean[:, 3]
    light = np.divide(mean[:, :3], coverage[:, None], out=np.zeros_like(mean[:, :3]), where=coverage[:, None] > 0)
    return rgba_image(srgb_from_linear(light) * coverage[:, None], coverage, height)


def lit_colors(mesh: Mesh, hits: PixelHits, is_smooth: bool) -> np.ndarray:
    """Return the lit colors (Q, 3) float64 of the visible points in linear light."""
    normals = _face_normals(mesh)
    if is_smooth:
        vertices, corner_normals = mesh.faces.ravel(), np.repeat(normals, 3, axis=0)
        sums = [np.bincount(vertices, corner_normals[:, axis], minlength=len(mesh.vertices)) for axis in range(3)]
        hit_normals = hits.interpolate(np.stack(sums, axis=1), mesh.faces)
    else:
        hit_normals = normals[hits.face]
    lengths = np.linalg.norm(hit_normals, axis=1).clip(1e-12, None)
    brightness = AMBIENT + DIFFUSE * np.abs(hit_normals @ LIGHT_DIRECTION) / lengths
    return hits.interpolate(linear_from_srgb(mesh.colors), mesh.faces) * brightness[:, None]


def _face_normals(mesh: Mesh) -> np.ndarray:
    """Return face normals (F, 3) float64 with the length of twice the face's area."""
    first, second, third = mesh.vertices[mesh.faces].astype(np.float64).transpose(1, 0, 2)
    return np.cross(second - first, third - first)
