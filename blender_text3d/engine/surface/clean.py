# SPDX-License-Identifier: GPL-3.0-or-later
"""Tidy a surface: no collapsed faces, no floating specks; real separate parts stay."""

from dataclasses import dataclass

import numpy as np
import torch
import trimesh
from torch import Tensor


@dataclass(frozen=True)
class SurfaceReport:
    """What a surface is made of.

    Attributes:
        components: separate parts kept.
        watertight: every edge joins exactly two faces that agree on what is outside.
        dropped: separate parts dropped as too small.
    """

    components: int
    watertight: bool
    dropped: int


def keep_main(vertices: Tensor, faces: Tensor, min_share: float = 0.01) -> tuple[Tensor, Tensor, SurfaceReport]:
    """Drop specks: separate parts with less than a share of the whole surface's area. The largest part always stays.

    Args:
        vertices: [V, 3] float32.
        faces: [F, 3] int64.
        min_share: least area of a part as a share (0..1) of the whole; 0 keeps all.

    Returns:
        vertices, faces: what is kept, on the device they came from, in their old order.
        report: what was found.
    """
    points, triangles = _without_collapsed(vertices.cpu().numpy(), faces.cpu().numpy())
    if len(triangles) == 0:
        return vertices[:0], faces[:0], SurfaceReport(components=0, watertight=False, dropped=0)
    part = _part_of_each_face(triangles, len(points))
    area = np.bincount(part, weights=_areas(points, triangles))
    is_kept = (area >= min_share * area.sum()) | (area == area.max())
    points, triangles = _compact(points, triangles[is_kept[part]])
    report = SurfaceReport(int(is_kept.sum()), is_watertight(triangles), int((~is_kept).sum()))
    return torch.from_numpy(points).to(vertices), torch.from_numpy(triangles).to(faces), report


def is_watertight(triangles: np.ndarray) -> bool:
    """Whether every edge joins exactly two faces, once in each direction; False for no faces."""
    mesh = trimesh.Trimesh(np.zeros((int(triangles.max(initial=-1)) + 1, 3)), triangles, process=False)
    return len(triangles) > 0 and bool(mesh.is_watertight and mesh.is_winding_consistent)


def _without_collapsed(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join vertices that lie on one spot and drop the faces that thereby vanish, unless that would tear the surface."""
    _, first, same = np.unique(points, axis=0, return_index=True, return_inverse=True)
    joined = first[same.reshape(-1)][triangles] if len(points) else triangles
    is_face = (joined != np.roll(joined, 1, axis=1)).all(axis=1)
    if is_face.all() or (is_watertight(triangles) and not is_watertight(joined[is_face])):
        return points, triangles
    return _compact(points, joined[is_face])


def _part_of_each_face(triangles: np.ndarray, vertex_count: int) -> np.ndarray:
    """[F] int, 0, 1, ...: faces with the same number hang together."""
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
