# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud becomes a mesh: the network's signed distance, its surface, and colours of the nearest points."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor

from ...geometry import Mesh, PointCloud
from ..surface import connected_surface
from .sdf import CrossAttentionPointCloudSDFModel

BOUND = 1.02
"""Half the side of the searched cube, model space. Source: Point-E's mesh extraction, side 1.02 in its space."""


@dataclass(frozen=True)
class Reading:
    """How a network reads a cloud.

    Attributes:
        model_from_own: length of its space's unit in model space.
        points: how many of the newest points it takes; None is all.
        levels: values at the surface, for `connected_surface`.
    """

    model_from_own: float = 2.0
    points: int | None = None
    levels: tuple[float, ...] = (0.0,)


@torch.inference_mode()
def mesh_of_cloud(
    sdf: CrossAttentionPointCloudSDFModel, cloud: PointCloud, grid: int, device: torch.device, reading: Reading
) -> Mesh:
    """The surface of a cloud; specks are dropped. Where there is none it has no vertices.

    Args:
        sdf: gives distances, positive inside.
        cloud: in model space.
        grid: lattice points a side.
        reading: how the network wants its cloud.
    """
    points = torch.from_numpy(cloud.points).to(device)
    encoded = sdf.encode(points[-(reading.points or len(points)) :].T[None] / reading.model_from_own)

    def field(places: Tensor) -> Tensor:
        return sdf.query(places.T[None] / reading.model_from_own, encoded)[0]

    vertices, faces, _ = connected_surface(
        field, grid=grid, levels=reading.levels, bound=BOUND, seeds=points, device=device
    )
    vertices = vertices.cpu().numpy()
    return Mesh(vertices, faces.to(torch.int32).cpu().numpy(), nearest_colors(cloud, vertices))


def nearest_colors(cloud: PointCloud, places: np.ndarray) -> np.ndarray:
    """[V, 3] colours of the cloud's points nearest to places [V, 3]."""
    if not len(places):
        return np.empty((0, 3), np.float32)
    return cloud.colors[cKDTree(cloud.points).query(places)[1]]
