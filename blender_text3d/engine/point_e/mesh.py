# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud becomes a mesh: the network's signed distance, its surface, and colours of the nearest points."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor

from ...geometry import Mesh, PointCloud
from ..surface import connected_surface

BOUND = 1.02
"""Half the side of the searched cube, model space. Source: Point-E's mesh extraction, side 1.02 in its space."""

NEAR_IN_MODEL = 1e-3
"""Ways shorter than this make no difference between points whose colours are blended."""


class DistanceNetwork(Protocol):
    """Reads a cloud once and is then asked about many places; see `CrossAttentionPointCloudSDFModel`."""

    def encode(self, cloud: Tensor) -> Any: ...

    def query(self, points: Tensor, encoded: Any) -> Tensor: ...


@dataclass(frozen=True)
class CloudReading:
    """How a cloud is read; of the official network, unless told otherwise.

    Attributes:
        model_from_own: length of the network's unit in model space.
        levels: values at the surface, for `connected_surface`.
        bound: half the side of the searched cube, model space.
        blended: of how many of the nearest points a vertex has its colour.
    """

    model_from_own: float = 2.0
    levels: tuple[float, ...] = (0.0,)
    bound: float = BOUND
    blended: int = 1


@torch.inference_mode()
def mesh_of_cloud(
    sdf: DistanceNetwork, cloud: PointCloud, grid: int, device: torch.device, reading: CloudReading
) -> Mesh:
    """The surface of a cloud; specks are dropped. Where there is none it has no vertices.

    Args:
        sdf: gives distances, positive inside.
        cloud: in model space.
        grid: lattice points a side.
        reading: how the network wants its cloud.
    """
    points = torch.from_numpy(cloud.points).to(device)
    encoded = sdf.encode(points.T[None] / reading.model_from_own)

    def field(places: Tensor) -> Tensor:
        return sdf.query(places.T[None] / reading.model_from_own, encoded)[0]

    vertices, faces, _ = connected_surface(
        field, grid=grid, levels=reading.levels, bound=reading.bound, seeds=points, device=device
    )
    vertices = vertices.cpu().numpy()
    return Mesh(vertices, faces.to(torch.int32).cpu().numpy(), nearest_colors(cloud, vertices, reading.blended))


def nearest_colors(cloud: PointCloud, places: np.ndarray, blended: int = 1) -> np.ndarray:
    """[V, 3] colours of the cloud's points nearest to places [V, 3]; of several, by the inverse square of the way."""
    if not len(places):
        return np.empty((0, 3), np.float32)
    ways, nearest = cKDTree(cloud.points).query(places, k=blended)
    if blended == 1:
        return cloud.colors[nearest]
    weights = 1 / (ways + NEAR_IN_MODEL) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    return (cloud.colors[nearest] * weights[..., None]).sum(axis=1, dtype=np.float32)
