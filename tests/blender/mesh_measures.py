# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures of a mesh against the one that it was made of: color error, distance, angles."""

from typing import NamedTuple

import bpy
import numpy as np

from blender_text3d.scene.bake import corner_colors
from blender_text3d.scene.nearest_surface import nearest_places, surface_of


class Difference(NamedTuple):
    """Mean differences at samples of the first mesh's surface: of linear colors in 1/255, and in place."""

    color: float
    distance: float


def difference(first: bpy.types.Mesh, second: bpy.types.Mesh, samples: int = 4000) -> Difference:
    """Compare the colors `Color` of two meshes at random places of the first one."""
    surface, other, rng = surface_of(first), surface_of(second), np.random.default_rng(0)
    corners = surface.positions[surface.vertices]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    triangles = rng.choice(len(areas), samples, p=areas / areas.sum())
    weights = rng.dirichlet((1, 1, 1), samples)
    points = np.einsum("nc,ncx->nx", weights, corners[triangles])
    places = nearest_places(other, points)
    away = np.linalg.norm(places.positions - points, axis=1)
    if "Color" not in first.attributes:
        return Difference(0.0, float(away.mean()))
    here = np.einsum("nc,ncx->nx", weights, corner_colors(first)[surface.corners[triangles]])
    there = np.einsum("nc,ncx->nx", places.weights, corner_colors(second)[other.corners[places.triangles]])
    return Difference(255 * float(np.abs(here - there).mean()), float(away.mean()))


def smallest_angles(data: bpy.types.Mesh) -> np.ndarray:
    """Return the smallest angle of each triangle in degrees."""
    surface = surface_of(data)
    corners = surface.positions[surface.vertices]
    sides = np.roll(corners, -1, axis=1) - corners
    sides /= np.linalg.norm(sides, axis=2, keepdims=True)
    cosines = -np.einsum("nci,nci->nc", sides, np.roll(sides, 1, axis=1))
    return np.degrees(np.arccos(np.clip(cosines, -1, 1))).min(axis=1)


def add_colored_ball(subdivisions: int = 6, edge: float = 0.2) -> bpy.types.Object:
    """Add a smooth sphere, red above and blue below a sharp edge, as the active object."""
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=subdivisions)
    target = bpy.context.object
    target.name = target.data.name = "ball"
    target.data.shade_smooth()
    color = target.data.attributes.new("Color", "BYTE_COLOR", "POINT")
    heights = np.array([vertex.co.z for vertex in target.data.vertices])
    colors = np.where(heights[:, None] > edge, [[1.0, 0, 0, 1]], [[0, 0, 1.0, 1]]).astype(np.float32)
    color.data.foreach_set("color_srgb", colors.ravel())
    target.data.color_attributes.active_color_name = "Color"
    return target
