# SPDX-License-Identifier: GPL-3.0-or-later
"""Even triangles on the same surface."""

import numpy as np

from .edge_flips import flipped_edges
from .inner_edges import inner_edges
from .relaxation import relaxed

RELAXATIONS = 3


def even(points: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the same surface with even triangles: edges are flipped and vertices moved along the surface, in turn."""
    is_movable = inner_edges(faces, len(points)).inner_vertices(faces, len(points))
    for _ in range(RELAXATIONS):
        faces = flipped_edges(points, faces)
        points = relaxed(points, faces, is_movable)
    return points, flipped_edges(points, faces)
