# SPDX-License-Identifier: GPL-3.0-or-later
"""Normals of meshes and point clouds."""

import numpy as np

from .mesh import Mesh
from .point_cloud import PointCloud

NEIGHBORS = 12
MAX_POINTS = 4096
"""As many as Point-E makes. The distances of all pairs take 64 MiB."""


def face_normals(mesh: Mesh) -> np.ndarray:
    """Return `(F, 3) float32` normals as long as twice the area of the face."""
    corners = mesh.vertices[mesh.faces]
    normals: np.ndarray = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return normals


def vertex_normals(mesh: Mesh) -> np.ndarray:
    """Return `(V, 3) float32` unit normals, the area-weighted mean of each vertex's faces; zero without any face."""
    corner_vertices = mesh.faces.ravel()
    corner_normals = np.repeat(face_normals(mesh), 3, axis=0)
    sums = [np.bincount(corner_vertices, corner_normals[:, axis], minlength=len(mesh.vertices)) for axis in range(3)]
    normals = np.stack(sums, axis=1, dtype=np.float64)  # without faces, bincount returns integers
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    units: np.ndarray = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0).astype(np.float32)
    return units


def unit_normals(normals: np.ndarray) -> np.ndarray:
    """Return `(N, 3) float32` normals with (0, 0, 1) in place of those without length, which most formats refuse."""
    is_missing = np.linalg.norm(normals, axis=1, keepdims=True) < 0.5
    return np.where(is_missing, np.array([0, 0, 1], np.float32), normals).astype(np.float32)


def cloud_normals(cloud: PointCloud) -> np.ndarray | None:
    """Return `(N, 3) float32` unit normals that point outward, or None for a cloud that is too small or too large.

    A normal is the direction in which a point's neighbors vary least. Its sign spreads from the highest point over the
    shortest tree, by distance and difference in direction.

    Source: Hoppe et al., Surface reconstruction from unorganized points, SIGGRAPH 1992, sections 3.2 and 3.3.
    """
    points = cloud.points.astype(np.float32)
    if not NEIGHBORS < len(points) <= MAX_POINTS:
        return None
    squares = (points**2).sum(axis=1)
    distances = np.sqrt((squares[:, None] + squares - 2 * points @ points.T).clip(0, None))
    nearest = np.argpartition(distances, NEIGHBORS, axis=1)[:, : NEIGHBORS + 1]
    offsets = points[nearest] - points[nearest].mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(offsets.transpose(0, 2, 1) @ offsets)
    normals = axes[:, :, 0]
    return _consistent(normals, distances, int(points[:, 2].argmax())).astype(np.float32)


def _consistent(normals: np.ndarray, distances: np.ndarray, highest: int) -> np.ndarray:
    """Turn normals so that neighbors in the shortest tree agree. Source: Prim's algorithm."""
    normals = normals.copy()
    normals[highest] *= np.sign(normals[highest, 2]) or 1.0
    spacing = np.partition(distances, 1, axis=1)[:, 1].mean()
    parents = np.full(len(normals), highest)
    costs = np.full(len(normals), np.inf, np.float32)
    is_open = np.ones(len(normals), bool)
    newest = highest
    for _ in range(len(normals) - 1):
        is_open[newest] = False
        cost = distances[newest] + spacing * 4 * (1 - np.abs(normals @ normals[newest]))
        is_shorter = is_open & (cost < costs)
        costs[is_shorter], parents[is_shorter] = cost[is_shorter], newest
        newest = int(np.where(is_open, costs, np.inf).argmin())
        if normals[newest] @ normals[parents[newest]] < 0:
            normals[newest] *= -1
    return normals
