# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh by a face budget: slivers collapsed, triangles even, with the parts, holes and colors of the full mesh."""

import math
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from ...geometry import Mesh
from .collapse import collapses, pieces
from .edge_flips import corner_cosines
from .even import even
from .inner_edges import InnerEdges, inner_edges
from .rows_of_three import largest

MIN_FACES = 4
"""Fewest faces of a closed mesh."""
SLIVER_SHARE = 0.75
"""Largest share of the faces that is kept of a mesh with slivers, since collapsing the shortest edges removes those."""
SLIVER_DEG = 15.0
"""Faces with a smaller angle are slivers. A mesh with few of them and within its budget stays as it is."""
GROWTH = 1.5
"""Factor of the budget if collapsing to it would close a hole, or cut or join parts."""
COLOR_NEIGHBORS = 4


class Topology(NamedTuple):
    """Properties of a mesh that simplification keeps.

    Attributes:
        is_closed: True if it is watertight.
        parts: number of separate parts.
        euler: vertices - edges + faces: each hole through a part lowers it by two.
    """

    is_closed: bool
    parts: int
    euler: int


def can_simplify() -> bool:
    """True if the package for it is installed, which environments of version 0.1.0 lack."""
    return find_spec("fast_simplification") is not None


def simplified(mesh: Mesh, budget: int) -> Mesh:
    """Return a mesh with at most a number of faces, or as many more as its parts and holes require.

    Args:
        mesh: the full mesh.
        budget: most faces, at least `MIN_FACES`; 0 for the full mesh as it is.
    """
    points, faces = mesh.vertices.astype(np.float64), mesh.faces.astype(np.int64)
    if budget == 0 or not len(faces) or (len(faces) <= budget and not has_slivers(points, faces)):
        return mesh
    topology = topology_of(faces, len(points))
    target = max(min(budget, int(SLIVER_SHARE * len(faces))), MIN_FACES)
    while target < len(faces):
        for found in collapses(points, faces, target):
            edges = inner_edges(found[1], len(found[0]))
            if topology_of(found[1], len(found[0]), edges) == topology:
                return with_near_colors(mesh, *even(*found, edges))
        target = int(target * GROWTH) + 1
    return with_near_colors(mesh, *even(points, faces))


def has_slivers(points: np.ndarray, faces: np.ndarray) -> bool:
    """True if one in a hundred faces has an angle below `SLIVER_DEG`."""
    is_sliver = largest(corner_cosines(points, faces)) > math.cos(math.radians(SLIVER_DEG))
    return bool(is_sliver.mean() > 0.01)


def topology_of(faces: np.ndarray, vertex_count: int, edges: InnerEdges | None = None) -> Topology:
    """Return the topology of faces (F, 3) int64; vertices of no face do not count.

    Args:
        faces: (F, 3) int64.
        vertex_count: number of vertices.
        edges: the faces' inner edges, if they are known.
    """
    edges = edges or inner_edges(faces, vertex_count)
    is_used = np.zeros(vertex_count, bool)
    is_used[faces] = True
    euler = int(is_used.sum()) - len(edges.keys) + len(faces)
    return Topology(edges.are_all(len(faces)), int(pieces(edges, len(faces)).max(initial=-1)) + 1, euler)


def with_near_colors(full: Mesh, points: np.ndarray, faces: np.ndarray) -> Mesh:
    """Return the mesh of the vertices that faces use, with colors blended from the full mesh's nearest vertices."""
    used, local = used_vertices(faces, len(points))
    count = min(COLOR_NEIGHBORS, len(full.vertices))
    distances, nearest = cKDTree(full.vertices, balanced_tree=False).query(points[used], k=[*range(1, count + 1)])
    weights = 1 / np.maximum(distances, np.finfo(np.float32).tiny) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    colors = np.einsum("vk,vkc->vc", weights, full.colors[nearest]).astype(np.float32)
    return Mesh(points[used].astype(np.float32), local.astype(np.int32), colors)


def used_vertices(faces: np.ndarray, vertex_count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the vertices that faces (F, 3) use, (U,) int64, and the faces with indices into these."""
    is_used = np.zeros(vertex_count, bool)
    is_used[faces] = True
    return np.flatnonzero(is_used), (np.cumsum(is_used) - 1)[faces]
