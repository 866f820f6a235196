# SPDX-License-Identifier: GPL-3.0-or-later
"""The cubic grid on which a field is sampled: G points per side, from -bound to +bound, x slowest and z fastest."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .field import Field, field_values


@dataclass(frozen=True)
class Samples:
    """Values on the entire grid and the number of field evaluations.

    Attributes:
        values: (G, G, G) float32, indexed x, y, z. Where the field was not evaluated, a value of the right sign.
        queries: number of points at which the field was evaluated.
    """

    values: Tensor
    queries: int

    @property
    def share(self) -> float:
        """Queries as a share (0..1) of all grid points."""
        return self.queries / self.values.numel()


def grid_points(flat: Tensor, grid: int, bound: float) -> Tensor:
    """Return the positions of grid points.

    Args:
        flat: (M,) int64, flat indices ``(x G + y) G + z``.
        grid: points per side G.
        bound: half the side of the sampled cube, model space.

    Returns:
        (M, 3) float32, model space.
    """
    return coordinates(torch.stack([flat // (grid * grid), flat // grid % grid, flat % grid], dim=1), grid, bound)


def coordinates(steps: Tensor, grid: int, bound: float) -> Tensor:
    """Return the coordinates (...) float32 in model space of grid steps (...) int64 from the first point of a side."""
    return steps.float() / (grid - 1) * (2 * bound) - bound


class FieldCache:
    """Evaluates a field at grid points, each point once.

    Attributes:
        values_at: flat indices (M,) int64 -> values (M,) float32.
        values: (G^3,) float32, 0 where they are not known.
        is_known: (G^3,) bool.
    """

    def __init__(self, values_at: Callable[[Tensor], Tensor], grid: int, device: torch.device) -> None:
        self.values_at = values_at
        self.values = torch.zeros(grid**3, device=device)
        self.is_known = torch.zeros(grid**3, dtype=torch.bool, device=device)

    def evaluate(self, flat: Tensor) -> None:
        """Evaluate the field at grid points that are not known yet.

        Args:
            flat: (M,) int64, flat indices; repeats are allowed.
        """
        is_requested = torch.zeros_like(self.is_known)
        is_requested[flat] = True
        new = (is_requested & ~self.is_known).nonzero()[:, 0]
        self.values[new] = self.values_at(new)
        self.is_known[new] = True


def dense_samples(field: Field, grid: int, bound: float, device: torch.device) -> Samples:
    """Evaluate the field at every grid point."""
    points = grid_points(torch.arange(grid**3, device=device), grid, bound)
    return Samples(field_values(field, points).reshape(grid, grid, grid), grid**3)
