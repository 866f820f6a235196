# SPDX-License-Identifier: GPL-3.0-or-later
"""A lattice cut into blocks of cells."""

from dataclasses import dataclass

import torch
from torch import Tensor


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

    def corners(self, blocks: Tensor) -> Tensor:
        """The lattice points at the corners of blocks [K, 3]: [K, 8] int64 flat numbers, opposite ones mirrored."""
        ends = torch.arange(2, device=self.device)
        x, y, z = ((blocks[:, :, None] + ends) * self.coarse).clamp(max=self.grid - 1).unbind(1)
        return self._flat(x[:, :, None, None], y[:, None, :, None], z[:, None, None, :]).flatten(1)

    def points(self, blocks: Tensor) -> Tensor:
        """The lattice points of blocks [K, 3], sides included: [K, c + 1, c + 1, c + 1] int64 flat numbers."""
        steps = torch.arange(self.coarse + 1, device=self.device)
        x, y, z = (blocks[:, :, None] * self.coarse + steps).clamp(max=self.grid - 1).unbind(1)
        return self._flat(x[:, :, None, None], y[:, None, :, None], z[:, None, None, :])

    def halves(self) -> "Blocks":
        """The same lattice in blocks half as long."""
        return Blocks(self.grid, self.coarse // 2, self.device)

    def pieces(self, blocks: Tensor) -> tuple[Tensor, Tensor]:
        """What blocks [K, 3] fall into among `halves`: the pieces [M, 3], and the row [M] of each one's block."""
        ends = torch.cartesian_prod(*[torch.arange(2, device=self.device)] * 3)
        pieces, rows = (blocks[:, None] * 2 + ends).flatten(0, 1), torch.arange(len(blocks), device=self.device)
        is_there = (pieces < self.halves().side).all(1)
        return pieces[is_there], rows.repeat_interleave(8)[is_there]

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
