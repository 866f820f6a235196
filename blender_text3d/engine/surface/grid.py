# SPDX-License-Identifier: GPL-3.0-or-later
"""The cubic lattice on which a field is sampled: G points a side, from -bound to +bound, x slowest and z fastest."""

from dataclasses import dataclass

import torch
from torch import Tensor

from .field import Field, field_values


@dataclass(frozen=True)
class Samples:
    """Values on the whole lattice and what they cost.

    Attributes:
        values: [G, G, G] float32, indexed x, y, z. Where the field was not asked, a value of the right sign.
        queries: points at which the field was asked.
    """

    values: Tensor
    queries: int

    @property
    def share(self) -> float:
        """Queries as a part (0..1) of all lattice points."""
        return self.queries / self.values.numel()


def lattice_points(flat: Tensor, grid: int, bound: float) -> Tensor:
    """Where lattice points are.

    Args:
        flat: [M] int64, flat numbers ``(x G + y) G + z``.
        grid: G, points a side.
        bound: half the side of the sampled cube, model space.

    Returns:
        [M, 3] float32, model space.
    """
    steps = torch.stack([flat // (grid * grid), flat // grid % grid, flat % grid], dim=1)
    return steps.float() / (grid - 1) * (2 * bound) - bound


class LatticeReader:
    """Asks a field on lattice points, each point once."""

    def __init__(self, field: Field, grid: int, bound: float, device: torch.device) -> None:
        self.field, self.grid, self.bound = field, grid, bound
        self.values = torch.zeros(grid**3, device=device)
        self.is_known = torch.zeros(grid**3, dtype=torch.bool, device=device)

    def read(self, flat: Tensor) -> None:
        """Ask the field at lattice points not asked before.

        Args:
            flat: [M] int64 flat point numbers, repeats allowed.
        """
        is_wanted = torch.zeros_like(self.is_known)
        is_wanted[flat] = True
        new = (is_wanted & ~self.is_known).nonzero()[:, 0]
        self.values[new] = field_values(self.field, lattice_points(new, self.grid, self.bound))
        self.is_known[new] = True


def dense_samples(field: Field, grid: int, bound: float, device: torch.device) -> Samples:
    """Ask the field at every lattice point."""
    points = lattice_points(torch.arange(grid**3, device=device), grid, bound)
    return Samples(field_values(field, points).reshape(grid, grid, grid), grid**3)
