# SPDX-License-Identifier: GPL-3.0-or-later
"""A medium asked in bounded portions, and only where something is."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import max_pool2d, max_pool3d

from ....geometry import Cameras
from .nerf import Medium

CHUNK = 16_384
"""Points in one call of a network: their activations stay in a processor's cache, and in tens of megabytes."""

MIN_DENSITY = 0.05
"""A lattice point with less than this density counts as empty: the whole cube's depth of it takes a tenth of the
light, and what is near anything denser is asked anyway."""


def in_chunks(medium: Medium, chunk: int = CHUNK) -> Medium:
    """The same medium, asked about at most `chunk` points at once, so that memory does not grow with the picture."""

    def asked(points: Tensor, directions: Tensor | None = None) -> Tensor:
        if len(points) == 0:
            return points.new_zeros(0, 5)
        parts = points.split(chunk)
        ways = directions.split(chunk) if directions is not None else [None] * len(parts)
        return torch.cat([medium(part, way) for part, way in zip(parts, ways, strict=True)])

    return asked


def where_occupied(medium: Medium, is_occupied: Tensor) -> Medium:
    """The same medium, not asked where a lattice says that it is empty: there all channels are 0.

    Args:
        medium: to ask elsewhere.
        is_occupied: [G, G, G] bool, as `occupied` gives it.
    """
    grid = is_occupied.shape[0]

    def asked(points: Tensor, directions: Tensor | None = None) -> Tensor:
        x, y, z = ((points + 1) * (0.5 * (grid - 1))).round().long().clamp(0, grid - 1).unbind(1)
        is_near = is_occupied[x, y, z]
        met = points.new_zeros(len(points), 5)
        met[is_near] = medium(points[is_near], None if directions is None else directions[is_near])
        return met

    return asked


def occupied(medium: Medium, grid: int, device: torch.device) -> Tensor:
    """Where a medium has any density, for the coarse or the fine pass, and one lattice step around it.

    Something thinner than a step, 2 / (G - 1), may be missed.

    Args:
        medium: asked without directions.
        grid: G, lattice points a side, from -1 to 1.
        device: where the points are made.

    Returns:
        [G, G, G] bool, indexed x, y, z.
    """
    line = torch.linspace(-1, 1, grid, device=device)
    points = torch.cartesian_prod(line, line, line)
    densities = medium(points, None)[:, :2].amax(dim=1).reshape(1, grid, grid, grid)
    return max_pool3d((densities > MIN_DENSITY).float(), 3, stride=1, padding=1)[0] > 0


def silhouette(is_occupied: Tensor, cameras: Cameras, index: int) -> Tensor:
    """Which of a camera's pixels may see something that is not empty.

    Args:
        is_occupied: [G, G, G] bool, as `occupied` gives it.
        cameras: with one to look through.
        index: which one.

    Returns:
        [H * W] bool, row by row, on the lattice's device: false only where no occupied lattice point's cell is seen.
    """
    step = 2 / (is_occupied.shape[0] - 1)
    points = is_occupied.nonzero().cpu().numpy() * step - 1
    seen = cameras.pixels(index, points)
    is_marked = torch.zeros(1, cameras.height_px, cameras.width_px)
    columns, rows = (np.floor(seen[:, axis]).astype(int) for axis in (0, 1))
    is_inside = (columns >= 0) & (columns < cameras.width_px) & (rows >= 0) & (rows < cameras.height_px)
    is_marked[0, rows[is_inside], columns[is_inside]] = 1.0
    reach_px = math.ceil(cameras.focal_px * step * math.sqrt(3) / 2 / seen[:, 2].min(initial=math.inf) + 0.5)
    marked = max_pool2d(is_marked, 2 * reach_px + 1, stride=1, padding=reach_px)
    return (marked > 0).flatten().to(is_occupied.device)
