# SPDX-License-Identifier: GPL-3.0-or-later
"""The number of queries of Point-E's mesh extraction, counted on a known distance instead of the slow network."""

import torch
from torch import Tensor

from blender_text3d.engine.point_e.mesh import BOUND
from blender_text3d.engine.point_e.official import SCALING
from blender_text3d.engine.surface import extract_surface

SEEDS = 4096
MODEL_FROM_NETWORK = SCALING.model_from_network
"""The network gives distances in its own space, whose unit is longer."""


def distance(points: Tensor) -> Tensor:
    """Return the distance (M,) float32 of points (M, 3) float32 to a chair's seat, back and one leg as boxes."""
    parts = ((0, 0, 0, 0.5, 0.5, 0.05), (0, 0.45, 0.45, 0.5, 0.05, 0.45), (0.4, 0.4, -0.4, 0.05, 0.05, 0.4))
    return torch.stack([box(points, points.new_tensor(part)) for part in parts]).amax(0)


def box(points: Tensor, part: Tensor) -> Tensor:
    """Return the distance to a box (center, half sides), positive inside."""
    outside = (points - part[:3]).abs() - part[3:]
    return -(outside.clamp(min=0).norm(dim=1) + outside.amax(dim=1).clamp(max=0))


def queries(grid: int) -> int:
    """Return the number of queries on a grid of `grid` points per side."""
    counts: list[int] = []

    def counting(points: Tensor) -> Tensor:
        counts.append(len(points))
        return distance(points) / MODEL_FROM_NETWORK

    points = torch.rand(200_000, 3, generator=torch.Generator().manual_seed(3)) * 2 - 1
    near = points[distance(points).abs() < 0.02][:SEEDS]
    extract_surface(counting, grid=grid, bound=BOUND, seeds=near)
    return sum(counts)
