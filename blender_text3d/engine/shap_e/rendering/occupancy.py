# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluating a medium in chunks, and only where it is not empty."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import max_pool2d, max_pool3d

from ....geometry import Cameras
from .nerf import Medium

CPU_CHUNK, CHUNK = 16_384, 65_536
"""Points per call of a network: on a CPU the activations fit into its cache, on a GPU into some hundred megabytes."""

MIN_DENSITY = 0.05
"""Grid points with less density count as empty: across the entire cube it absorbs a tenth of the light, and the
neighborhood of anything denser is evaluated anyway."""


def in_chunks(medium: Medium, chunk: int | None = None) -> Medium:
    """Return the same medium, evaluated in chunks of points, so that memory does not grow with the image."""

    def evaluate(points: Tensor, directions: Tensor | None = None) -> Tensor:
        if len(points) == 0:
            return points.new_zeros(0, 5)
        size = chunk or (CPU_CHUNK if points.device.type == "cpu" else CHUNK)
        parts = points.split(size)
        if directions is None:
            return torch.cat([medium(part, None) for part in parts])
        return torch.cat([medium(*pair) for pair in zip(parts, directions.split(size), strict=True)])

    return evaluate


def skip_empty(medium: Medium, is_occupied: Tensor) -> Medium:
    """Return the same medium with all channels 0 where an occupancy grid is empty.

    Args:
        medium: evaluated elsewhere.
        is_occupied: (G, G, G) bool, see `occupancy_grid`.
    """
    grid = is_occupied.shape[0]

    def evaluate(points: Tensor, directions: Tensor | None = None) -> Tensor:
        x, y, z = ((points + 1) * (0.5 * (grid - 1))).round().long().clamp(0, grid - 1).unbind(1)
        is_near = is_occupied[x, y, z]
        values = points.new_zeros(len(points), 5)
        values[is_near] = medium(points[is_near], None if directions is None else directions[is_near])
        return values

    return evaluate


def occupancy_grid(medium: Medium, grid: int, device: torch.device) -> Tensor:
    """Return the grid points where a medium has density, in the coarse or the fine pass, or one grid step from it.

    Parts thinner than a step, 2 / (G - 1), may be missed.

    Args:
        medium: evaluated without directions.
        grid: grid points per side G, from -1 to 1.
        device: device to evaluate on.

    Returns:
        (G, G, G) bool, indexed x, y, z.
    """
    line = torch.linspace(-1, 1, grid, device=device)
    points = torch.cartesian_prod(line, line, line)
    densities = medium(points, None)[:, :2].amax(dim=1).reshape(1, grid, grid, grid)
    return max_pool3d((densities > MIN_DENSITY).float(), 3, stride=1, padding=1)[0] > 0


def silhouette(is_occupied: Tensor, cameras: Cameras, index: int) -> Tensor:
    """Return the pixels of a camera that may see anything but empty space.

    Args:
        is_occupied: (G, G, G) bool, see `occupancy_grid`.
        cameras: all cameras.
        index: index of the camera.

    Returns:
        (H * W,) bool, row by row, on the grid's device: False only if no cell of an occupied grid point is visible.
    """
    step = 2 / (is_occupied.shape[0] - 1)
    points = is_occupied.nonzero().cpu().numpy() * step - 1
    pixels = cameras.pixels(index, points)
    is_marked = torch.zeros(1, cameras.height_px, cameras.width_px)
    columns, rows = (np.floor(pixels[:, axis]).astype(int) for axis in (0, 1))
    is_inside = (columns >= 0) & (columns < cameras.width_px) & (rows >= 0) & (rows < cameras.height_px)
    is_marked[0, rows[is_inside], columns[is_inside]] = 1.0
    reach_px = math.ceil(cameras.focal_px * step * math.sqrt(3) / 2 / pixels[:, 2].min(initial=math.inf) + 0.5)
    marked = max_pool2d(is_marked, 2 * reach_px + 1, stride=1, padding=reach_px)
    return (marked > 0).flatten().to(is_occupied.device)
