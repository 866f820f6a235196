# SPDX-License-Identifier: GPL-3.0-or-later
"""The faces of a mesh as arrays, and what stops a remesh."""

from typing import NamedTuple

import bpy
import numpy as np

from .data_access import attribute_values
from .nearest_surface import positions_of


class RemeshError(Exception):
    """A mesh cannot be remeshed and is unchanged; the message says why in a few words."""


class Faces(NamedTuple):
    """The faces of a mesh as arrays.

    Attributes:
        positions: `(V, 3) float32`.
        vertices: `(L,) int32`, the vertex of each corner.
        sizes: `(F,) int32`, the number of each face's corners.
    """

    positions: np.ndarray
    vertices: np.ndarray
    sizes: np.ndarray


def faces_of(data: bpy.types.Mesh) -> Faces:
    """Return the faces of a mesh as arrays."""
    vertices, sizes = np.empty(len(data.loops), np.int32), np.empty(len(data.polygons), np.int32)
    if len(vertices):
        attribute_values(data, ".corner_vert").foreach_get("value", vertices)
    data.polygons.foreach_get("loop_total", sizes)
    return Faces(positions_of(data), vertices, sizes)
