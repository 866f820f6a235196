# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays → Blender meshes."""

import math

import bpy
import numpy as np

from .colors import store_colors

SHARP_FROM_RAD = math.radians(35)


def fill_mesh(data: bpy.types.Mesh, vertices: np.ndarray, faces: np.ndarray, colors_srgb: np.ndarray) -> None:
    """Replace all geometry of a mesh; materials and custom properties stay.

    Args:
        vertices: (V, 3) float32 in the object's space.
        faces: (F, 3) int32, counter-clockwise seen from outside.
        colors_srgb: (V, 3) float32 sRGB in [0, 1].
    """
    data.clear_geometry()
    data.vertices.add(len(vertices))
    data.attributes["position"].data.foreach_set("vector", np.ascontiguousarray(vertices).ravel())
    data.loops.add(faces.size)
    data.polygons.add(len(faces))
    data.polygons.foreach_set("loop_start", np.arange(0, faces.size, 3, dtype=np.int32))
    corners = data.attributes.get(".corner_vert") or data.attributes.new(".corner_vert", "INT", "CORNER")
    corners.data.foreach_set("value", np.ascontiguousarray(faces).ravel())
    data.update(calc_edges=True)
    store_colors(data, colors_srgb)


def finish_mesh(data: bpy.types.Mesh) -> None:
    """Drop what Blender cannot hold (doubled or flat faces) and shade smooth between sharp edges."""
    data.validate()
    data.set_sharp_from_angle(angle=SHARP_FROM_RAD)
