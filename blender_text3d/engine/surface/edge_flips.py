# SPDX-License-Identifier: GPL-3.0-or-later
"""Edge flips: two triangles that share an edge become those on the other diagonal if their smallest angle grows."""

import math

import numpy as np

from .inner_edges import InnerEdges, edge_keys, inner_edges
from .rows_of_three import cross, largest, lengths

FLAT_COS = math.cos(math.radians(40))
"""Least cosine between the normals of two faces whose edge may be flipped: a sharper one belongs to the shape."""
SLIVER_COS = math.cos(math.radians(1))
"""Faces with a smaller angle have no reliable normal, so that their edges are flipped in any case."""
MIN_GAIN = 1e-4
"""Least gain in the cosine of the smallest angle."""


def flipped_edges(points: np.ndarray, faces: np.ndarray, edges: InnerEdges | None = None) -> np.ndarray:
    """Return the faces (F, 3) after one round of flips, none of which share a face.

    An edge stays if the shape bends at it, or if the other diagonal is an edge already. The result has the vertices,
    parts and holes of the faces given.

    Args:
        points: (V, 3) float64.
        faces: (F, 3) int64, counter-clockwise seen from outside.
        edges: the faces' inner edges, if they are known.

    Source: Lawson 1977 (Software for C1 surface interpolation), the max-min angle criterion.
    """
    edges = edges or inner_edges(faces, len(points))
    cosines = corner_cosines(points, faces)
    opposite = cosines.ravel()[np.stack([_previous(edges.halves), _previous(edges.twins)])]
    is_candidate = opposite.sum(axis=0) < -MIN_GAIN  # the angles' sum is above 180 degrees
    halves, twins = edges.halves[is_candidate], edges.twins[is_candidate]
    corners = faces.ravel()
    a, b, c, d = corners[halves], corners[twins], corners[_previous(halves)], corners[_previous(twins)]
    first, second = halves // 3, twins // 3
    old = largest(cosines)
    gain = _gain(points, (a, b, c, d), np.maximum(old[first], old[second]))
    keys = edge_keys(c, d, len(points))
    place = np.searchsorted(edges.keys, keys).clip(max=len(edges.keys) - 1)
    gain[(edges.keys[place] == keys) | (c == d)] = 0.0
    kept = _independent(gain, first, second, keys, len(faces))
    a, b, c, d = a[kept], b[kept], c[kept], d[kept]
    flipped = faces.copy()
    flipped[first[kept]], flipped[second[kept]] = np.stack([a, d, c], axis=1), np.stack([d, b, c], axis=1)
    return flipped


def corner_cosines(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return the cosines (F, 3) of the faces' angles, 1 for an angle at a side without length."""
    corners = points[faces]
    sides = corners[:, [1, 2, 0]] - corners
    squares = np.einsum("fij,fij->fi", sides, sides)
    products = -np.einsum("fij,fij->fi", sides, sides[:, [2, 0, 1]])
    divisors = np.sqrt(squares * squares[:, [2, 0, 1]])
    return np.divide(products, divisors, out=np.ones_like(products), where=divisors > 0)


def _previous(halves: np.ndarray) -> np.ndarray:
    """Return the half edges before others in the same face; each begins at the corner opposite to the other."""
    return halves - halves % 3 + (halves + 2) % 3


def _gain(points: np.ndarray, quad: tuple[np.ndarray, ...], old: np.ndarray) -> np.ndarray:
    """Return by how much a flip lowers the largest cosine (Q,), or 0 if the shape bends at the edge.

    Args:
        points: (V, 3) float64.
        quad: (Q,) each: the edge's ends a and b, and the corners c and d opposite to it in faces abc and bad.
        old: (Q,) largest cosine in the two faces.
    """
    a, b, c, d = quad
    new = [np.stack(face, axis=1) for face in ((a, d, c), (d, b, c))]
    cosine = np.maximum(*(largest(corner_cosines(points, faces)) for faces in new))
    before = [_normals(points, np.stack(face, axis=1)) for face in ((a, b, c), (b, a, d))]
    mean = _unit(before[0] + before[1])
    units = [_unit(_normals(points, faces)) for faces in new]
    is_flat = (np.einsum("qi,qi->q", _unit(before[0]), _unit(before[1])) > FLAT_COS) | (old > SLIVER_COS)
    for unit in units:
        is_flat &= np.einsum("qi,qi->q", unit, mean) > FLAT_COS
    return np.where(is_flat, old - cosine, 0.0)


def _independent(
    gain: np.ndarray, first: np.ndarray, second: np.ndarray, keys: np.ndarray, face_count: int
) -> np.ndarray:
    """Return the flips, by index, that gain most in both of their faces, and whose new edges are distinct."""
    order = np.argsort(-gain, kind="stable")
    order = order[gain[order] > MIN_GAIN]
    rank = np.arange(len(order))
    best = np.full(face_count, len(order))
    np.minimum.at(best, first[order], rank)
    np.minimum.at(best, second[order], rank)
    order = order[(best[first[order]] == rank) & (best[second[order]] == rank)]
    return order[np.unique(keys[order], return_index=True)[1]]


def _normals(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return the normals (F, 3), as long as twice the area."""
    corner, second, third = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    return cross(second - corner, third - corner)


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Return the vectors (N, 3) at length 1, or 0 for those without length."""
    length = lengths(vectors)[:, None]
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
