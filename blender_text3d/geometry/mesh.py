# SPDX-License-Identifier: GPL-3.0-or-later
"""Mesh: triangles with one colour per vertex, in model space."""

from dataclasses import dataclass

import numpy as np

from .triplets import check_triplets


@dataclass(frozen=True, eq=False)
class Mesh:
    """Coloured triangles.

    Attributes:
        vertices: (V, 3) float32 in model space.
        faces: (F, 3) int32 vertex indices, counter-clockwise seen from outside.
        colors: (V, 3) float32 sRGB in [0, 1], per vertex.

    Raises:
        ValueError: An array has another shape or dtype, a value is not finite, or a face points at no vertex.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colors: np.ndarray

    def __post_init__(self) -> None:
        """Check the arrays and that every face points at vertices that exist."""
        check_triplets("vertices", self.vertices, np.float32)
        check_triplets("faces", self.faces, np.int32)
        check_triplets("colors", self.colors, np.float32, rows=len(self.vertices))
        if self.faces.size and not 0 <= self.faces.min() <= self.faces.max() < len(self.vertices):
            raise ValueError(
                f"faces point at vertices {self.faces.min()} to {self.faces.max()}, "
                f"but the mesh has {len(self.vertices)} vertices"
            )
