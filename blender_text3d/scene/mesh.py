# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays → Blender meshes."""

import math

import bpy
import numpy as np

from .colors import store_colors
from .data_access import attribute_values

SHARP_FROM_RAD = math.radians(35)


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


def finish_mesh(data: bpy.types.Mesh) -> None:
    """Remove invalid faces, such as duplicates, and shade smooth between sharp edges."""
    data.validate()
    data.set_sharp_from_angle(angle=SHARP_FROM_RAD)
