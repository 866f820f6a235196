# SPDX-License-Identifier: GPL-3.0-or-later
"""Cleaning of a surface: removes degenerate faces and floating specks, keeps real separate parts."""

from dataclasses import dataclass

import numpy as np
import torch
import trimesh
from torch import Tensor


@dataclass(frozen=True)
class SurfaceReport:
    """Properties of a cleaned surface.

    Attributes:
        components: number of separate parts kept.
        watertight: True if every edge joins exactly two faces with the same orientation.
        dropped: number of separate parts dropped as too small.
    """

    components: int
    watertight: bool
    dropped: int


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
    points, triangles = _without_degenerate(vertices.cpu().numpy(), faces.cpu().numpy())
    if len(triangles) == 0:
        return vertices[:0], faces[:0], SurfaceReport(components=0, watertight=False, dropped=0)
    component = _component_of_faces(triangles, len(points))
    area = np.bincount(component, weights=_areas(points, triangles))
    is_kept = (area >= min_share * area.sum()) | (area == area.max())
    points, triangles = _compact(points, triangles[is_kept[component]])
    report = SurfaceReport(int(is_kept.sum()), is_watertight(triangles), int((~is_kept).sum()))
    return torch.from_numpy(points).to(vertices), torch.from_numpy(triangles).to(faces), report


def is_watertight(triangles: np.ndarray) -> bool:
    """True if every edge joins exactly two faces, once in each direction; False without faces."""
    mesh = trimesh.Trimesh(np.zeros((int(triangles.max(initial=-1)) + 1, 3)), triangles, process=False)
    return len(triangles) > 0 and bool(mesh.is_watertight and mesh.is_winding_consistent)


def _without_degenerate(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Merge vertices at the same position and drop degenerate faces, unless that would open the surface."""
    _, first, group = np.unique(points, axis=0, return_index=True, return_inverse=True)
    merged = first[group.reshape(-1)][triangles] if len(points) else triangles
    is_face = (merged != np.roll(merged, 1, axis=1)).all(axis=1)
    if is_face.all() or (is_watertight(triangles) and not is_watertight(merged[is_face])):
        return points, triangles
    return _compact(points, merged[is_face])


def _component_of_faces(triangles: np.ndarray, vertex_count: int) -> np.ndarray:
    """Return (F,) int64, the index of each face's connected component."""
    edges = np.concatenate([triangles[:, :2], triangles[:, 1:]])
    labels = trimesh.graph.connected_component_labels(edges, node_count=vertex_count)
    return np.unique(labels[triangles[:, 0]], return_inverse=True)[1]


def _areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    corner, second, third = points[triangles].transpose(1, 0, 2)
    return np.linalg.norm(np.cross(second - corner, third - corner), axis=1) / 2


def _compact(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drop vertices that no face uses."""
    used, renumbered = np.unique(triangles, return_inverse=True)
    return points[used], renumbered.reshape(-1, 3)
