# SPDX-License-Identifier: GPL-3.0-or-later
"""Mesh of a cloud: the surface of the network's signed distance, colored by the nearest points."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor

from ...geometry import Mesh, PointCloud
from ..surface import connected_lattice_surface, connected_surface
from ..surface.grid import coordinates

BOUND = 1.02
"""Half the side of the sampled cube in model space. Source: Point-E's mesh extraction, side 1.02 in its own space."""

DISTANCE_OFFSET = 1e-3
"""Added to distances before blending colors, in model space: closer points count equally."""

Encoded = TypeVar("Encoded")


class DistanceNetwork(Protocol[Encoded]):
    """Encodes a cloud once and then answers queries; see `CrossAttentionPointCloudSDFModel`."""

    def encode(self, cloud: Tensor) -> Encoded: ...

    def query(self, points: Tensor, encoded: Encoded) -> Tensor: ...


@runtime_checkable
class LatticeNetwork(DistanceNetwork[Encoded], Protocol[Encoded]):
    """A distance network that is fastest at all points of a lattice at once; see `VoxelPointCloudSDFModel`."""

    def lattice(self, along: Tensor, encoded: Encoded) -> Tensor: ...


@dataclass(frozen=True)
class CloudMeshing:
    """Settings for extracting the surface of a cloud; the defaults are those of the official network.

    Attributes:
        model_from_network: length of the network space's unit in model space.
        levels: values at the surface, see `connected_surface`.
        bound: half the side of the sampled cube, model space.
        color_neighbors: number of nearest points that a vertex blends its color from.
    """

    model_from_network: float = 2.0
    levels: tuple[float, ...] = (0.0,)
    bound: float = BOUND
    color_neighbors: int = 1


@torch.inference_mode()
def mesh_of_cloud(
    sdf: DistanceNetwork[Encoded], cloud: PointCloud, grid: int, device: torch.device, meshing: CloudMeshing
) -> Mesh:
    """Return the surface of a cloud without specks; if there is none, a mesh without vertices.

    Args:
        sdf: gives signed distances, positive inside.
        cloud: in model space.
        grid: grid points per side.
        device: device of the network.
        meshing: how to extract the surface.
    """
    if isinstance(sdf, LatticeNetwork):
        values = lattice_of_cloud(sdf, cloud, grid, device, meshing)
        surface, faces, _ = connected_lattice_surface(values, levels=meshing.levels, bound=meshing.bound)
    else:
        field, seeds = field_of_cloud(sdf, cloud, device, meshing), torch.from_numpy(cloud.points).to(device)
        surface, faces, _ = connected_surface(
            field, grid=grid, levels=meshing.levels, bound=meshing.bound, seeds=seeds, device=device
        )
    vertices = surface.cpu().numpy()
    return Mesh(vertices, faces.to(torch.int32).cpu().numpy(), nearest_colors(cloud, vertices, meshing.color_neighbors))


def lattice_of_cloud(
    sdf: LatticeNetwork[Any], cloud: PointCloud, grid: int, device: torch.device, meshing: CloudMeshing
) -> Tensor:
    """Return a cloud's signed distance (grid, grid, grid) float32 on the entire grid."""
    along = coordinates(torch.arange(grid, device=device), grid, meshing.bound)
    return sdf.lattice(along / meshing.model_from_network, encoded_cloud(sdf, cloud, device, meshing))[0]


def field_of_cloud(
    sdf: DistanceNetwork[Encoded], cloud: PointCloud, device: torch.device, meshing: CloudMeshing
) -> Callable[[Tensor], Tensor]:
    """Return a cloud's signed distance as a function of points (M, 3) float32 in model space; it is encoded once."""
    encoded = encoded_cloud(sdf, cloud, device, meshing)
    return lambda points: sdf.query(points.T[None] / meshing.model_from_network, encoded)[0]


def encoded_cloud(
    sdf: DistanceNetwork[Encoded], cloud: PointCloud, device: torch.device, meshing: CloudMeshing
) -> Encoded:
    """Return a cloud as the network encodes it."""
    return sdf.encode(torch.from_numpy(cloud.points).to(device).T[None] / meshing.model_from_network)


def nearest_colors(cloud: PointCloud, points: np.ndarray, k: int = 1) -> np.ndarray:
    """Return colors (V, 3) float32 sRGB at points (V, 3) float32, blended from the k nearest by 1 / distance^2."""
    if not len(points):
        return np.empty((0, 3), np.float32)
    distances, nearest = cKDTree(cloud.points).query(points, k=k)
    if k == 1:
        return cloud.colors[nearest]
    weights = 1 / (distances + DISTANCE_OFFSET) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    return (cloud.colors[nearest] * weights[..., None]).sum(axis=1, dtype=np.float32)
