# SPDX-License-Identifier: GPL-3.0-or-later
"""The edges of a triangle mesh that two faces share."""

from typing import NamedTuple

import numpy as np


class InnerEdges(NamedTuple):
    """Edges that exactly two faces share, once in each direction.

    Half edge 3 f + i leads from corner i of face f to the next corner.

    Attributes:
        halves, twins: (E,) int64, the two half edges of each edge, the one of the earlier face first.
        keys: (D,) int64, sorted: `edge_keys` of all edges, those of one face or of more than two included.
    """

    halves: np.ndarray
    twins: np.ndarray
    keys: np.ndarray

    def are_all(self, face_count: int) -> bool:
        """True if these are all edges of a number of faces, so that the mesh is closed."""
        return face_count > 0 and 2 * len(self.halves) == 3 * face_count

    def inner_vertices(self, faces: np.ndarray, vertex_count: int) -> np.ndarray:
        """Return (V,) bool, the vertices all of whose edges are inner ones."""
        is_outer = np.ones(faces.size, bool)
        is_outer[self.halves] = is_outer[self.twins] = False
        is_inner = np.ones(vertex_count, bool)
        is_inner[faces.ravel()[is_outer]] = is_inner[faces[:, [1, 2, 0]].ravel()[is_outer]] = False
        return is_inner


def edge_keys(start: np.ndarray, end: np.ndarray, vertex_count: int) -> np.ndarray:
    """Return (E,) int64, one number per pair of vertices, the same in both directions."""
    return np.minimum(start, end).astype(np.int64) * vertex_count + np.maximum(start, end)


def inner_edges(faces: np.ndarray, vertex_count: int) -> InnerEdges:
    """Return the inner edges of faces (F, 3) integer."""
    start, end = faces.ravel(), faces[:, [1, 2, 0]].ravel()
    keys = edge_keys(start, end, vertex_count)
    order = np.argsort(keys)
    keys = keys[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    pairs = first[np.diff(first, append=len(keys)) == 2]
    halves, twins = np.minimum(order[pairs], order[pairs + 1]), np.maximum(order[pairs], order[pairs + 1])
    is_opposite = (start[halves] == end[twins]) & (start[halves] != end[halves])
    return InnerEdges(halves[is_opposite], twins[is_opposite], keys[first])
