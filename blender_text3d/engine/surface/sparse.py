# SPDX-License-Identifier: GPL-3.0-or-later
"""Sample a field only near its surface.

The lattice is cut into blocks of `coarse` cells a side. The field is asked at the blocks' corners; blocks that may
hold surface are asked at every point; then the surface is followed: wherever it leaves an asked block through a side,
the block behind that side is asked too. What is left has no surface on any of its sides, and gets the sign of its
corners. Surface is missed only if it lies wholly inside blocks whose corners do not hint at it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import max_pool3d, pad

from .field import Field, unsquashed
from .lattice import LatticeReader, Samples

REACH = 0.7
"""A corner hints at surface if its depth is below this part of the summed change to the next corners along x, y, z.

One half would do if the field were straight within a block; the rest is for bends.
"""


@dataclass(frozen=True)
class Blocks:
    """How a lattice of `grid` points a side falls into blocks of `coarse` cells; the last block may be shorter."""

    grid: int
    coarse: int
    device: torch.device

    @property
    def side(self) -> int:
        """Blocks a side."""
        return -(-(self.grid - 1) // self.coarse)

    def corner_points(self) -> Tensor:
        """[(side + 1)^3] int64, flat numbers of the lattice points at the blocks' corners."""
        line = (torch.arange(self.side + 1, device=self.device) * self.coarse).clamp(max=self.grid - 1)
        return self._flat(line[:, None, None], line[:, None], line).flatten()

    def points(self, blocks: Tensor) -> Tensor:
        """The lattice points of blocks [K, 3], sides included: [K, c + 1, c + 1, c + 1] int64 flat numbers."""
        steps = torch.arange(self.coarse + 1, device=self.device)
        x, y, z = (blocks[:, :, None] * self.coarse + steps).clamp(max=self.grid - 1).unbind(1)
        return self._flat(x[:, :, None, None], y[:, None, :, None], z[:, None, None, :])

    def holding(self, points: Tensor, bound: float) -> Tensor:
        """The blocks [M, 3] int64 that hold points [M, 3] of model space; points outside go to the nearest block."""
        steps = (points.to(self.device) + bound) / (2 * bound) * (self.grid - 1)
        return (steps / self.coarse).floor().long().clamp(0, self.side - 1)

    def spread(self, corners: Tensor) -> Tensor:
        """Values of the blocks' first corners [side + 1]^3 on all points of their blocks, [grid, grid, grid]."""
        block = (torch.arange(self.grid, device=self.device) // self.coarse).clamp(max=self.side - 1)
        return corners[block][:, block][:, :, block]

    def _flat(self, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        return (x * self.grid + y) * self.grid + z


def sparse_samples(
    field: Field,
    grid: int,
    bound: float,
    device: torch.device,
    *,
    level: float = 0.0,
    coarse: int = 4,
    seeds: Tensor | None = None,
) -> Samples:
    """Sample a field near its surface only.

    Args:
        grid: lattice points a side.
        bound: half the side of the sampled cube, model space.
        level: the value at the surface.
        coarse: cells along a block's side.
        seeds: [S, 3] points of model space known to be near surface; their blocks are asked too.

    Returns:
        The samples; values that were not asked have the sign of their block's corners.
    """
    blocks, reader = Blocks(grid, coarse, device), LatticeReader(field, grid, bound, device)
    reader.read(blocks.corner_points())
    corners = reader.values[blocks.corner_points()].reshape([blocks.side + 1] * 3)
    is_found = hinted_blocks(corners, level)
    if seeds is not None and len(seeds):
        is_found[blocks.holding(seeds, bound).unbind(1)] = True
    _follow_surface(reader, blocks, is_found, level)
    values = torch.where(reader.is_known, reader.values, blocks.spread(corners).flatten())
    return Samples(values.reshape(grid, grid, grid), int(reader.is_known.sum()))


def hinted_blocks(corners: Tensor, level: float) -> Tensor:
    """Which blocks may hold surface, judged by their corners: signs differ, or a corner is near the surface.

    Beyond the lattice all is outside, so outermost blocks with a corner inside hold surface too.

    Args:
        corners: [n, n, n] float32, the field at the blocks' corners.

    Returns:
        [n - 1, n - 1, n - 1] bool.
    """
    has_inside, has_outside = _any_corner(corners > level), _any_corner(corners <= level)
    depth = unsquashed(corners) - unsquashed(corners.new_tensor(level))
    is_near = depth.abs() < REACH * sum(_largest_change(depth, axis) for axis in range(3))
    return (has_inside & (has_outside | _is_outermost(has_inside))) | _any_corner(is_near)


def _is_outermost(blocks: Tensor) -> Tensor:
    flags = torch.ones_like(blocks)
    flags[1:-1, 1:-1, 1:-1] = False
    return flags


def _largest_change(values: Tensor, axis: int) -> Tensor:
    """The larger of the changes to the two neighbours along an axis; same shape."""
    change = values.diff(dim=axis).abs().movedim(axis, -1)
    return torch.maximum(pad(change, (1, 0)), pad(change, (0, 1))).movedim(-1, axis)


def _any_corner(flags: Tensor) -> Tensor:
    return max_pool3d(flags[None].float(), 2, stride=1)[0] > 0


def _follow_surface(reader: LatticeReader, blocks: Blocks, is_found: Tensor, level: float) -> None:
    """Read the found blocks, then the blocks behind their sides that the surface crosses, until none is left."""
    new = is_found.nonzero()
    while len(new):
        points = blocks.points(new)
        reader.read(points.flatten())
        is_next = torch.zeros_like(is_found)
        is_next[_behind_crossed_sides(reader.values[points] > level, new, blocks.side)] = True
        new = (is_next & ~is_found).nonzero()
        is_found = is_found | is_next


def _behind_crossed_sides(is_inside: Tensor, blocks: Tensor, side: int) -> tuple[Tensor, Tensor, Tensor]:
    """Neighbours behind the sides whose points have both signs.

    Args:
        is_inside: [K, c + 1, c + 1, c + 1] bool.
        blocks: [K, 3] int64.
        side: blocks a side of the lattice.

    Returns:
        x, y, z of the neighbours, each [N] int64.
    """
    found = []
    for axis in range(3):
        for end, step in ((0, -1), (-1, 1)):
            points = is_inside.select(axis + 1, end).flatten(1)
            behind = blocks[points.any(1) & ~points.all(1)].clone()
            behind[:, axis] += step
            found.append(behind)
    neighbours = torch.cat(found)
    return neighbours[((neighbours >= 0) & (neighbours < side)).all(1)].unbind(1)
