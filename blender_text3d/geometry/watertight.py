# SPDX-License-Identifier: GPL-3.0-or-later
"""Defects of triangles that keep them from enclosing a volume, as 3D printing needs it."""

from typing import NamedTuple

import numpy as np


class Defects(NamedTuple):
    """Counts of what is wrong.

    Attributes:
        open_edges: Edges of one triangle.
        crowded_edges: Edges of three triangles or more.
        flipped_edges: Edges whose two triangles have opposite winding.
        is_inside_out: True if the triangles face inward.
    """

    open_edges: int
    crowded_edges: int
    flipped_edges: int
    is_inside_out: bool

    @property
    def is_watertight(self) -> bool:
        """True without any defect."""
        return not any(self)


def defects_of(vertices: np.ndarray, faces: np.ndarray) -> Defects:
    """Return the defects of triangles; those with a corner twice are left out, as the formats for printing do.

    Args:
        vertices: `(V, 3) float32`; vertices at the same place are one.
        faces: `(F, 3) int32`.
    """
    _, place = np.unique(vertices, axis=0, return_inverse=True)
    corners = place.reshape(-1).astype(np.int64)[faces]
    corners = corners[(corners != np.roll(corners, 1, axis=1)).all(axis=1)]
    starts, ends = corners.reshape(-1), np.roll(corners, -1, axis=1).reshape(-1)
    keys = np.minimum(starts, ends) * max(len(vertices), 1) + np.maximum(starts, ends)
    _, index, counts = np.unique(keys, return_inverse=True, return_counts=True)
    forward = np.bincount(index.reshape(-1), weights=starts < ends, minlength=len(counts))
    return Defects(
        int((counts == 1).sum()),
        int((counts > 2).sum()),
        int(((counts == 2) & (forward != 1)).sum()),
        bool(volume(vertices, faces) < 0),
    )


def volume(vertices: np.ndarray, faces: np.ndarray) -> float:
    """Return the signed volume that triangles enclose, positive if they face outward."""
    centered = vertices.astype(np.float64) - vertices.mean(axis=0)
    first, second, third = (centered[faces[:, corner]] for corner in range(3))
    return float((first * np.cross(second, third)).sum() / 6)
