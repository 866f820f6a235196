# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh with fewer vertices, for recordings: they are looked at, and the exact mesh is in mesh.npz."""

import numpy as np

from ...geometry import Mesh

MAX_VERTICES = 3000
"""Enough for a picture of the usual size: a chair of 26,700 vertices looks the same."""


def simplified(mesh: Mesh) -> Mesh:
    """Return a mesh of about MAX_VERTICES vertices, or the mesh itself if it has no more.

    Vertices in one cell of a grid become their mean; faces that lose a corner are dropped.

    Source: Rossignac and Borrel, Multi-resolution 3D approximations for rendering complex scenes, 1993.
    """
    if len(mesh.vertices) <= MAX_VERTICES or not len(mesh.faces):
        return mesh
    cells = np.floor((mesh.vertices - mesh.vertices.min(axis=0)) / cell_side(mesh)).astype(np.int64)
    columns, rows = (cells.max(axis=0) + 1)[:2]
    keys = cells[:, 0] + columns * (cells[:, 1] + rows * cells[:, 2])
    _, cell_of, counts = np.unique(keys, return_inverse=True, return_counts=True)
    faces = cell_of.reshape(-1).astype(np.int32)[mesh.faces]
    kept = faces[(faces != np.roll(faces, 1, axis=1)).all(axis=1)]
    return Mesh(_means(mesh.vertices, cell_of, counts), kept, _means(mesh.colors, cell_of, counts))


def cell_side(mesh: Mesh) -> float:
    """Return the side of a cell: the mean edge, longer by as much as a surface of so many vertices must be thinned."""
    corners = mesh.vertices[mesh.faces]
    mean_edge = float(np.linalg.norm(corners[:, 0] - corners[:, 1], axis=1).mean())
    extent = float(np.ptp(mesh.vertices, axis=0).max())
    thinned = mean_edge * np.sqrt(len(mesh.vertices) / MAX_VERTICES)
    return max(thinned, extent / 2**20, np.finfo(np.float32).tiny)  # so that cells can be numbered


def _means(values: np.ndarray, cell_of: np.ndarray, counts: np.ndarray) -> np.ndarray:
    sums = [np.bincount(cell_of.reshape(-1), column) for column in values.T]
    return (np.stack(sums, axis=1) / counts[:, None]).astype(np.float32)
