# SPDX-License-Identifier: GPL-3.0-or-later
"""Tangential relaxation: vertices move along the surface to the middle of their faces."""

import math

import numpy as np

from .rows_of_three import cross, lengths

STIFFNESS = 0.02
"""Share of a movement that a vertex makes across the surface: small, so that edges and corners stay."""
STEP = 0.8
"""Share of the way to the middle of the faces."""
MAX_TURN_COS = math.cos(math.radians(45))
"""A face that would turn farther keeps its corners."""
MAX_RETRIES = 3

UPPER = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
"""The six different entries of a symmetric matrix."""


def relaxed(points: np.ndarray, faces: np.ndarray, is_movable: np.ndarray) -> np.ndarray:
    """Return the points (V, 3) float64 after one step.

    A vertex on a flat part moves freely within it, one on an edge along the edge, one at a corner hardly.

    Args:
        points: (V, 3) float64.
        faces: (F, 3) int64.
        is_movable: (V,) bool, False for vertices that stay.

    Source: Alliez et al. 2003 (Isotropic Surface Remeshing), area-weighted centroids; Garland and Heckbert 1997
    (Surface Simplification Using Quadric Error Metrics), the faces' planes as a quadratic form.
    """
    corners = points[faces]
    normals = cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = lengths(normals)
    units = np.divide(normals, areas[:, None], out=np.zeros_like(normals), where=areas[:, None] > 0)
    sums = _VertexSums(faces, len(points), areas)
    middles = (corners[:, 0] + corners[:, 1] + corners[:, 2]) / 3
    moves = np.stack([sums.mean(middle) for middle in middles.T], axis=1) - points
    moves = STEP * _damped(moves, [sums.mean(units[:, i] * units[:, j]) for i, j in UPPER])
    moves[~is_movable] = 0.0
    return points + _without_turns(points, faces, units, moves)


class _VertexSums:
    """Means over the faces of each vertex, weighted by area."""

    def __init__(self, faces: np.ndarray, vertex_count: int, areas: np.ndarray) -> None:
        self.corners, self.count, self.areas = faces.ravel(), vertex_count, areas
        self.total = np.maximum(self._sum(areas), np.finfo(float).tiny)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return (V,) float64 for values (F,)."""
        return self._sum(values * self.areas) / self.total

    def _sum(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.corners, np.repeat(values, 3), self.count)


def _damped(moves: np.ndarray, means: list[np.ndarray]) -> np.ndarray:
    """Return s (N + s I)^-1 m for moves m (V, 3), stiffness s and the faces' mean N of n n^T, by Cramer's rule.

    Args:
        moves: (V, 3) float64.
        means: (V,) each, the entries of N in the order of `UPPER`.
    """
    xx, xy, xz, yy, yz, zz = means
    xx, yy, zz = xx + STIFFNESS, yy + STIFFNESS, zz + STIFFNESS
    rows = [
        (yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy),
        (xz * yz - xy * zz, xx * zz - xz * xz, xy * xz - xx * yz),
        (xy * yz - xz * yy, xy * xz - xx * yz, xx * yy - xy * xy),
    ]
    determinant = xx * rows[0][0] + xy * rows[0][1] + xz * rows[0][2]
    x, y, z = moves.T
    solved = np.stack([row[0] * x + row[1] * y + row[2] * z for row in rows], axis=1)
    return STIFFNESS * solved / determinant[:, None]


def _without_turns(points: np.ndarray, faces: np.ndarray, units: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Return the moves (V, 3) without those that turn a face over."""
    for _ in range(MAX_RETRIES):
        corners = (points + moves)[faces]
        normals = cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        along = np.einsum("fi,fi->f", normals, units)
        is_turned = (along < MAX_TURN_COS * lengths(normals)) & units.any(axis=1)
        if not is_turned.any():
            return moves
        moves[faces[is_turned]] = 0.0
    return np.zeros_like(moves)
