# SPDX-License-Identifier: GPL-3.0-or-later
"""Deviation of a simplified mesh from the full one, and the evenness of its triangles."""

from typing import NamedTuple

import numpy as np
import trimesh
from scipy.spatial import cKDTree

from blender_text3d.geometry import Mesh

SAMPLES = 10_000
CANDIDATES = 8
"""Faces of the full mesh, by their centers' distance, among which the closest point is searched."""


class MeshQuality(NamedTuple):
    """Quality of a simplified mesh.

    Attributes:
        distance_percent: mean distance from its surface to the full one (one-sided Chamfer), in percent of the longest
            side.
        color_error: mean difference of the colors at these points, of 255.
        angle_deg: smallest angle of a triangle, first percentile.
        flipped_percent: share of its surface that faces away from the full one, in percent.
    """

    distance_percent: float
    color_error: float
    angle_deg: float
    flipped_percent: float


def mesh_quality(full: Mesh, mesh: Mesh, samples: int = SAMPLES) -> MeshQuality:
    """Measure a simplified mesh at random points of its surface."""
    rng = np.random.default_rng(0)
    rows, weights = random_points(mesh, samples, rng)
    points, colors = (interpolated(values, mesh.faces[rows], weights) for values in (mesh.vertices, mesh.colors))
    faces, closest = closest_points(full, points)
    barycentric = trimesh.triangles.points_to_barycentric(full.vertices[full.faces[faces]].astype(np.float64), closest)
    barycentric = np.nan_to_num(barycentric, nan=1 / 3).clip(0, 1)
    barycentric /= barycentric.sum(axis=1, keepdims=True)
    full_colors = interpolated(full.colors, full.faces[faces], barycentric)
    facing = np.einsum("si,si->s", normals(mesh, rows), normals(full, faces))
    distance = np.linalg.norm(points - closest, axis=1).mean() / np.ptp(full.vertices, axis=0).max()
    return MeshQuality(
        float(100 * distance),
        float(255 * np.abs(colors - full_colors).mean()),
        float(np.percentile(smallest_angles_deg(mesh), 1)),
        float(100 * (facing < 0).mean()),
    )


def random_points(mesh: Mesh, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return faces (S,) drawn by area, and barycentric coordinates (S, 3) in them."""
    areas = trimesh.triangles.area(mesh.vertices[mesh.faces].astype(np.float64))
    rows = rng.choice(len(areas), count, p=areas / areas.sum())
    root, share = np.sqrt(rng.random(count)), rng.random(count)
    return rows, np.stack([1 - root, root * (1 - share), root * share], axis=1)


def interpolated(values: np.ndarray, faces: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return values (V, 3) of corners, blended in faces (S, 3) with weights (S, 3)."""
    return np.einsum("sk,skc->sc", weights, values[faces].astype(np.float64))


def closest_points(mesh: Mesh, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the faces (S,) and positions (S, 3) of the points of a mesh closest to points (S, 3)."""
    triangles = mesh.vertices[mesh.faces].astype(np.float64)
    count = min(CANDIDATES, len(triangles))
    near = cKDTree(triangles.mean(axis=1)).query(points, k=[*range(1, count + 1)])[1]
    found = [trimesh.triangles.closest_point(triangles[near[:, i]], points) for i in range(count)]
    distances = np.stack([np.linalg.norm(position - points, axis=1) for position in found])
    best, rows = distances.argmin(axis=0), np.arange(len(points))
    return near[rows, best], np.stack(found)[best, rows]


def normals(mesh: Mesh, rows: np.ndarray) -> np.ndarray:
    """Return the unit normals (S, 3) of faces (S,), or 0 for faces without area."""
    corner, second, third = mesh.vertices[mesh.faces[rows]].astype(np.float64).transpose(1, 0, 2)
    cross = np.cross(second - corner, third - corner)
    return cross / np.maximum(np.linalg.norm(cross, axis=1, keepdims=True), np.finfo(float).tiny)


def smallest_angles_deg(mesh: Mesh) -> np.ndarray:
    """Return the smallest angle (F,) of each triangle."""
    return np.degrees(trimesh.triangles.angles(mesh.vertices[mesh.faces].astype(np.float64)).min(axis=1))
