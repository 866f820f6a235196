# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures that Shap-E's surface mode (STF) takes of a mesh: vertex colours under one far lamp.

Source: openai/shap-e, shap_e/models/stf/renderer.py (colours mixed and lit in linear light), shap_e/rendering/raycast
(flat shading, used where pytorch3d is missing) and shap_e/rendering/pytorch3d_util.py (smooth shading); the lamp's
numbers from shap_e/rendering/blender/constants.py. Two ways of theirs are not ours: their ray caster takes every
triangle for the parallelogram it is half of, and their background is black where ours is clear.
"""

from dataclasses import dataclass

import numpy as np

from ....geometry import Cameras, Mesh
from ....geometry.srgb import linear_from_srgb, srgb_from_linear
from .rasterize import Seen, rasterize
from .tonemap import picture

AMBIENT, DIFFUSE = 0.3, 0.7
LAMP_IN_MODEL = np.array([0.09387503, -0.63953443, -0.7630093])
"""Unit vector along the light. It shines both ways, so that its sign does not matter."""


@dataclass(frozen=True)
class Surface:
    """How a mesh is made and drawn.

    Attributes:
        grid: lattice points a side that the mesh is read from.
        is_smooth: light runs on over edges, as the official package has it with pytorch3d; without, faces are flat.
        supersampling: pixels a side drawn for one of the picture; 1 gives hard edges, as in the official package.
    """

    grid: int = 128
    is_smooth: bool = True
    supersampling: int = 2


def surface_view(mesh: Mesh, cameras: Cameras, index: int, surface: Surface) -> np.ndarray:
    """One camera's picture of a mesh that lies in front of it as a whole.

    Args:
        mesh: in model space.
        cameras: with one to look through.
        index: which one.
        surface: how to draw.

    Returns:
        [H, W, 4] uint8: sRGB and cover; all clear for a mesh without faces.
    """
    height, width, side = cameras.height_px, cameras.width_px, surface.supersampling
    corners = cameras.pixels(index, mesh.vertices.astype(np.float64))[mesh.faces] * (side, side, 1)
    seen = rasterize(corners, height * side, width * side)
    drawn = np.zeros((height * side * width * side, 4))
    drawn[seen.pixel, :3], drawn[seen.pixel, 3] = lit_colors(mesh, seen, surface.is_smooth), 1.0
    mean = drawn.reshape(height, side, width, side, 4).mean(axis=(1, 3)).reshape(-1, 4)
    cover = mean[:, 3]
    light = np.divide(mean[:, :3], cover[:, None], out=np.zeros_like(mean[:, :3]), where=cover[:, None] > 0)
    return picture(srgb_from_linear(light) * cover[:, None], cover, height)


def lit_colors(mesh: Mesh, seen: Seen, is_smooth: bool) -> np.ndarray:
    """Linear light [Q, 3] of the points that pixels see."""
    normals = _face_normals(mesh)
    if is_smooth:
        owners, of_corners = mesh.faces.ravel(), np.repeat(normals, 3, axis=0)
        sums = [np.bincount(owners, of_corners[:, axis], minlength=len(mesh.vertices)) for axis in range(3)]
        seen_normals = seen.values(np.stack(sums, axis=1), mesh.faces)
    else:
        seen_normals = normals[seen.face]
    lengths = np.linalg.norm(seen_normals, axis=1).clip(1e-12, None)
    brightness = AMBIENT + DIFFUSE * np.abs(seen_normals @ LAMP_IN_MODEL) / lengths
    return seen.values(linear_from_srgb(mesh.colors), mesh.faces) * brightness[:, None]


def _face_normals(mesh: Mesh) -> np.ndarray:
    """[F, 3], as long as twice the face's area."""
    first, second, third = mesh.vertices[mesh.faces].astype(np.float64).transpose(1, 0, 2)
    return np.cross(second - first, third - first)
