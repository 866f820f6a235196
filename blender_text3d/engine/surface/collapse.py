# SPDX-License-Identifier: GPL-3.0-or-later
"""Collapse of edges to fewer faces, and repair where it pinched the mesh.

A loop of three edges that are not those of a face, as around a thin neck, is pinched by collapsing one of them: an edge
of four faces is left, and a piece on either side of it.
"""

from collections.abc import Iterator

import numpy as np
from scipy.spatial import cKDTree

from ...geometry.mesh_parts import component_labels
from .even import even
from .inner_edges import InnerEdges, inner_edges
from .rows_of_three import cross, lengths

AGGRESSIVENESS = (3.0, 7.0, 7.0, 7.0)
"""Growth of the error limit in each pass: slowly for good triangles, faster if that does not reach the budget."""
MAX_BUBBLE = 0.01
"""Share of the area below which a piece may be dropped."""
NECK_SIZE = 0.02
"""Distance from a pinched vertex within which faces are kept, as a share of the longest side."""
MAX_KEPT_SHARE = 0.25
"""Largest number of faces to keep around pinched vertices, as a share of the target."""
SAME_POINT = 1e-9
"""Largest distance of a point from itself after a collapse, as a share of the longest side."""


def collapses(points: np.ndarray, faces: np.ndarray, target: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield points and faces of meshes with few faces, each made only if the one before is not good enough.

    Args:
        points: (V, 3) float64.
        faces: (F, 3) int64.
        target: number of faces, less than F.
    """
    found = collapsed(points, faces, target)
    yield found
    yield found[0], without_bubbles(*found)
    is_near = are_near(points, faces, found[0][pinched_vertices(*found)])
    if 0 < is_near.sum() <= MAX_KEPT_SHARE * target:
        yield collapsed_around(points, faces, target, is_near)


def collapsed(
    points: np.ndarray, faces: np.ndarray, target: int, keeps_border: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return points (V, 3) float64 and faces (F, 3) int64 after collapsing edges until at most `target` faces are left.

    Args:
        points: (V, 3) float64.
        faces: (F, 3) int64.
        target: number of faces, at most F.
        keeps_border: True to keep the edges of one face.

    Source: Garland and Heckbert 1997 (Surface Simplification Using Quadric Error Metrics).
    """
    from fast_simplification import simplify  # only here, so that a worker without a job starts without it

    low, size = points.min(axis=0), max(float(np.ptp(points, axis=0).max()), np.finfo(float).tiny)
    points = (points - low) / size  # the error limits are absolute
    for aggressiveness in AGGRESSIVENESS:
        points, kept = simplify(points, faces, target_count=target, agg=aggressiveness, preserve_border=keeps_border)
        faces = kept.astype(np.int64)
        if len(faces) <= target:
            break
        points, faces = even(points, faces)  # of a flat regular grid no edge can be collapsed
    return points * size + low, faces


def without_bubbles(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return the faces without the small closed pieces that a collapse leaves hanging on an edge or a vertex.

    Larger pieces stay, since without them a part would be lost.
    """
    corners = points[faces]
    areas = lengths(cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    piece = pieces(inner_edges(faces, len(points)), len(faces))
    of_piece = np.bincount(piece, areas)
    return faces[(of_piece >= MAX_BUBBLE * of_piece.sum())[piece]]


def pieces(edges: InnerEdges, face_count: int) -> np.ndarray:
    """Return (F,) int64, for each face the number of the piece whose faces are joined by inner edges."""
    pairs = np.stack([edges.halves // 3, edges.twins // 3], axis=1).astype(np.int32)
    labels = component_labels(pairs, face_count)
    return np.zeros(face_count, np.int64) if not labels.any() else np.unique(labels, return_inverse=True)[1]


def pinched_vertices(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return (P,) int64, the vertices of edges that are not those of two faces."""
    is_inner = inner_edges(faces, len(points)).inner_vertices(faces, len(points))
    return np.flatnonzero(~is_inner)


def are_near(points: np.ndarray, faces: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return (F,) bool, the faces with a corner near one of places (P, 3) float64."""
    if not len(places):
        return np.zeros(len(faces), bool)
    limit = NECK_SIZE * np.ptp(points, axis=0).max()
    return np.isfinite(cKDTree(places).query(points, distance_upper_bound=limit)[0])[faces].any(axis=1)


def collapsed_around(
    points: np.ndarray, faces: np.ndarray, target: int, is_kept: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return points and faces after collapsing edges of all faces but some, which are joined to the others again.

    Args:
        points: (V, 3) float64.
        faces: (F, 3) int64.
        target: number of faces, those that are kept included.
        is_kept: (F,) bool.
    """
    used, rest = np.unique(faces[~is_kept], return_inverse=True)
    found, rest = collapsed(points[used], rest.reshape(-1, 3), target - int(is_kept.sum()), keeps_border=True)
    own, kept = np.unique(faces[is_kept], return_inverse=True)
    distances, same = cKDTree(found).query(points[own])
    is_new = distances > SAME_POINT * np.ptp(points, axis=0).max()
    index = np.where(is_new, len(found) + np.cumsum(is_new) - 1, same)
    return np.vstack([found, points[own[is_new]]]), np.vstack([rest, index[kept].reshape(-1, 3)])
