# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays → Blender meshes."""

import math

import bpy
import numpy as np

from .colors import store_colors
from .data_access import attribute_values

SHARP_FROM_RAD = math.radians(35)
MAX_COMPARED_VERTICES = 2**21
"""Vertices up to which three indices fit into 63 bits."""


def fill_mesh(data: bpy.types.Mesh, vertices: np.ndarray, faces: np.ndarray, colors_srgb: np.ndarray) -> None:
    """Replace the geometry of a mesh and keep materials and custom properties.

    Args:
        data: The mesh.
        vertices: `(V, 3) float32` in object space.
        faces: `(F, 3) int32`, counterclockwise seen from outside.
        colors_srgb: `(V, 3) float32` sRGB in [0, 1].
    """
    data.clear_geometry()
    data.vertices.add(len(vertices))
    attribute_values(data, "position").foreach_set("vector", np.ascontiguousarray(vertices).ravel())
    data.loops.add(faces.size)
    data.polygons.add(len(faces))
    data.polygons.foreach_set("loop_start", np.arange(0, faces.size, 3, dtype=np.int32))
    attribute_values(data, ".corner_vert").foreach_set("value", np.ascontiguousarray(faces).ravel())
    data.update(calc_edges=True)
    store_colors(data, colors_srgb)


def finish_mesh(data: bpy.types.Mesh, faces: np.ndarray) -> None:
    """Remove invalid faces, such as duplicates, and shade smooth between sharp edges.

    Args:
        data: The mesh.
        faces: `(F, 3) int32`, its faces.
    """
    if not are_distinct_triangles(faces, len(data.vertices)):
        data.validate()  # ten times slower than to see that there is nothing to do
    data.set_sharp_from_angle(angle=SHARP_FROM_RAD)


def are_distinct_triangles(faces: np.ndarray, vertex_count: int) -> bool:
    """Return True if no face has a vertex twice and no two faces have the same vertices.

    False also for more than MAX_COMPARED_VERTICES vertices.

    Args:
        faces: `(F, 3) int32` vertex indices.
        vertex_count: Number of vertices, larger than every index.
    """
    first, second, third = faces.astype(np.int64).T
    low, high = np.minimum(np.minimum(first, second), third), np.maximum(np.maximum(first, second), third)
    middle = first + second + third - low - high
    if vertex_count > MAX_COMPARED_VERTICES or (low == middle).any() or (middle == high).any():
        return False
    keys = (low * vertex_count + middle) * vertex_count + high
    keys.sort()
    return bool((keys[1:] != keys[:-1]).all())
