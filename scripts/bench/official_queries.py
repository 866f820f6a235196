# SPDX-License-Identifier: GPL-3.0-or-later
"""How many places Point-E's mesh extraction asks about, counted on a known distance in place of the slow network."""

import torch
from torch import Tensor

from blender_text3d.engine.point_e.mesh import BOUND
from blender_text3d.engine.point_e.official import SCALING
from blender_text3d.engine.surface import extract_surface

SEEDS = 4096
MODEL_FROM_OWN = SCALING.model_from_own
"""The network tells distances in its own space, whose unit is longer."""


def distance(points: Tensor) -> Tensor:
    """[M, 3] -> [M]: a chair's seat, back and one leg as boxes."""
    parts = ((0, 0, 0, 0.5, 0.5, 0.05), (0, 0.45, 0.45, 0.5, 0.05, 0.45), (0.4, 0.4, -0.4, 0.05, 0.05, 0.4))
    return torch.stack([box(points, points.new_tensor(part)) for part in parts]).amax(0)


def box(points: Tensor, part: Tensor) -> Tensor:
    """Distance to a box (middle, half sides), positive inside."""
    outside = (points - part[:3]).abs() - part[3:]
    return -(outside.clamp(min=0).norm(dim=1) + outside.amax(dim=1).clamp(max=0))


def queries(grid: int) -> int:
    """Places that are asked about on a lattice of `grid` points a side."""
    asked = []

    def counting(points: Tensor) -> Tensor:
        asked.append(len(points))
        return distance(points) / MODEL_FROM_OWN

    places = torch.rand(200_000, 3, generator=torch.Generator().manual_seed(3)) * 2 - 1
    near = places[distance(places).abs() < 0.02][:SEEDS]
    extract_surface(counting, grid=grid, bound=BOUND, seeds=near)
    return sum(asked)
