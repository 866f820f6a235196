# SPDX-License-Identifier: GPL-3.0-or-later
"""A grid divided into blocks of cells."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Blocks:
    """Division of a grid with `grid` points per side into blocks of `coarse` cells; the last block may be shorter."""

    grid: int
    coarse: int
    device: torch.device

    @property
    def side(self) -> int:
        """Blocks per side."""
        return -(-(self.grid - 1) // self.coarse)

    def corner_points(self) -> Tensor:
        """Return ((side + 1)^3,) int64, flat indices of the grid points at the blocks' corners."""
        line = (torch.arange(self.side + 1, device=self.device) * self.coarse).clamp(max=self.grid - 1)
        return self._flat(line[:, None, None], line[:, None], line).flatten()

    def corners(self, blocks: Tensor) -> Tensor:
        """Return (K, 8) int64, flat indices of the corners of blocks (K, 3) int64; i and 7 - i are opposite."""
        ends = torch.arange(2, device=self.device)
        x, y, z = ((blocks[:, :, None] + ends) * self.coarse).clamp(max=self.grid - 1).unbind(1)
        return self._flat(x[:, :, None, None], y[:, None, :, None], z[:, None, None, :]).flatten(1)

    def points(self, blocks: Tensor) -> Tensor:
        """Return (K, c + 1, c + 1, c + 1) int64, flat indices of all points of blocks (K, 3) int64, sides included."""
        steps = torch.arange(self.coarse + 1, device=self.device)
        x, y, z = (blocks[:, :, None] * self.coarse + steps).clamp(max=self.grid - 1).unbind(1)
        return self._flat(x[:, :, None, None], y[:, None, :, None], z[:, None, None, :])

    def halves(self) -> "Blocks":
        """Return the same grid in blocks of half the side."""
        return Blocks(self.grid, self.coarse // 2, self.device)

    def pieces(self, blocks: Tensor) -> tuple[Tensor, Tensor]:
        """Split blocks (K, 3) int64 into pieces (M, 3) int64 of `halves`, with each one's row (M,) int64 in blocks."""
        ends = torch.cartesian_prod(*[torch.arange(2, device=self.device)] * 3)
        pieces, rows = (blocks[:, None] * 2 + ends).flatten(0, 1), torch.arange(len(blocks), device=self.device)
        exists = (pieces < self.halves().side).all(1)
        return pieces[exists], rows.repeat_interleave(8)[exists]

    def containing(self, points: Tensor, bound: float) -> Tensor:
        """Return the blocks (M, 3) int64 of points (M, 3) float32 in model space, the nearest ones if outside."""
        steps = (points.to(self.device) + bound) / (2 * bound) * (self.grid - 1)
        return (steps / self.coarse).floor().long().clamp(0, self.side - 1)

    def expand(self, corners: Tensor) -> Tensor:
        """Return (grid, grid, grid): at each point its block's first corner's value of corners (side + 1,) * 3."""
        block = (torch.arange(self.grid, device=self.device) // self.coarse).clamp(max=self.side - 1)
        return corners[block][:, block][:, :, block]

    def _flat(self, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        return (x * self.grid + y) * self.grid + z
