# SPDX-License-Identifier: GPL-3.0-or-later
"""Even triangles on the same surface."""

import numpy as np

from .edge_flips import flipped_edges
from .inner_edges import InnerEdges, inner_edges
from .relaxation import relaxed

RELAXATIONS = 3


def even(points: np.ndarray, faces: np.ndarray, edges: InnerEdges | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the same surface with even triangles: edges are flipped and vertices moved along the surface, in turn.

    Args:
        points: (V, 3) float64.
        faces: (F, 3) int64.
        edges: the faces' inner edges, if they are known.
    """
    known = edges or inner_edges(faces, len(points))
    is_movable = known.inner_vertices(faces, len(points))
    faces = flipped_edges(points, faces, known)
    for _ in range(RELAXATIONS):
        points = relaxed(points, faces, is_movable)
        faces = flipped_edges(points, faces)
    return points, faces
