# SPDX-License-Identifier: GPL-3.0-or-later
"""Cleaning of a surface: removes degenerate faces and floating specks, keeps real separate parts."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from ...geometry.mesh_parts import component_labels, is_watertight
from .rows_of_three import are_all, cross, lengths

HASH_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
"""Odd factors with well mixed bits, one per coordinate."""


@dataclass(frozen=True)
class SurfaceReport:
    """Properties of a cleaned surface.

    Attributes:
        components: number of separate parts kept.
        dropped: number of separate parts dropped as too small.
        faces: (F, 3) int64.
    """

    components: int
    dropped: int
    faces: np.ndarray = field(repr=False, compare=False)

    @cached_property
    def watertight(self) -> bool:
        """True if every edge joins exactly two faces with the same orientation; checked when it is asked for."""
        return is_watertight(self.faces)


def keep_main(vertices: Tensor, faces: Tensor, min_share: float = 0.01) -> tuple[Tensor, Tensor, SurfaceReport]:
    """Drop specks: separate parts with less than a share of the total area. The largest part always stays.

    Args:
        vertices: (V, 3) float32.
        faces: (F, 3) int64.
        min_share: least area of a part as a share (0..1) of the total; 0 keeps all.

    Returns:
        vertices, faces: the kept part in its original order, on the original device.
        report: the number of parts and whether the surface is closed.
    """
    points, triangles = vertices.cpu().numpy(), faces.cpu().numpy()
    kept, triangles, report = main_parts(points, triangles, min_share)
    points = points if kept is None else points[kept]
    return torch.from_numpy(points).to(vertices), torch.from_numpy(triangles).to(faces), report


def main_parts(
    points: np.ndarray, triangles: np.ndarray, min_share: float = 0.01
) -> tuple[np.ndarray | None, np.ndarray, SurfaceReport]:
    """Return the vertices and faces without specks, see `keep_main`.

    Args:
        points: (V, 3) float32.
        triangles: (F, 3) int64.
        min_share: least area of a part as a share (0..1) of the total; 0 keeps all.

    Returns:
        kept: (W,) int64, indices of the kept vertices; None if all are kept.
        triangles: (G, 3) int64, indices into the kept vertices.
        report: the number of parts and whether the surface is closed.
    """
    triangles = _without_degenerate(points, triangles)
    if len(triangles) == 0:
        return np.empty(0, np.int64), triangles, SurfaceReport(0, 0, triangles)
    component = _component_of_faces(triangles, len(points))
    is_kept = np.ones(1, bool)
    if component.any():
        area = np.bincount(component, weights=_areas(points, triangles))
        is_kept = (area >= min_share * area.sum()) | (area == area.max())
        triangles = triangles[is_kept[component]]
    kept, triangles = _compact(triangles, len(points))
    return kept, triangles, SurfaceReport(int(is_kept.sum()), int((~is_kept).sum()), triangles)


def _without_degenerate(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Merge vertices at the same position and drop degenerate faces, unless that would open the surface."""
    merged = triangles
    if not _are_distinct(points):
        _, first, group = np.unique(points, axis=0, return_index=True, return_inverse=True)
        merged = first[group.reshape(-1)][triangles]
    is_face = are_all(merged != np.roll(merged, 1, axis=1))
    if is_face.all() or (is_watertight(triangles) and not is_watertight(merged[is_face])):
        return triangles
    return merged[is_face]


def _are_distinct(points: np.ndarray) -> bool:
    """True if hashes of the points (V, 3) float32 show that no two are equal; False may be a collision of hashes."""
    bits = (points + np.float32(0.0)).view(np.uint32).astype(np.uint64)  # + 0: -0.0 equals 0.0
    x, y, z = (bits * HASH_FACTORS).T
    hashes = np.sort(x + y + z)
    return bool((hashes[1:] != hashes[:-1]).all())


def _component_of_faces(triangles: np.ndarray, vertex_count: int) -> np.ndarray:
    """Return (F,) int64, the index of each face's connected component."""
    edges = np.concatenate([triangles[:, :2], triangles[:, 1:]]).astype(np.int32)
    labels = component_labels(edges, vertex_count)[triangles[:, 0]]
    if (labels == labels[0]).all():
        return np.zeros(len(triangles), np.int64)
    return np.unique(labels, return_inverse=True)[1]


def _areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    corner, second, third = points[triangles].transpose(1, 0, 2)
    return lengths(cross(second - corner, third - corner)) / 2


def _compact(triangles: np.ndarray, vertex_count: int) -> tuple[np.ndarray | None, np.ndarray]:
    """Drop vertices that no face uses: return the indices of those kept, or None for all, and renumbered faces."""
    is_used = np.zeros(vertex_count, bool)
    is_used[triangles] = True
    if is_used.all():
        return None, triangles
    return is_used.nonzero()[0], (np.cumsum(is_used) - 1)[triangles]
