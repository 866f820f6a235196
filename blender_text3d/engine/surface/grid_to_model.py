# SPDX-License-Identifier: GPL-3.0-or-later
"""From positions on the bordered lattice to model space."""

from dataclasses import dataclass

from torch import Tensor

from .marching_cubes import Crossings


@dataclass(frozen=True)
class Placement:
    """Where the points of a lattice with a border of one lie.

    Attributes:
        grid: lattice points a side, without the border.
        bound: half the side of the sampled cube, model space.
        is_squeezed: the border, instead of the outermost samples, lies on the cube's sides (as in Shap-E).
    """

    grid: int
    bound: float
    is_squeezed: bool = False

    def points(self, crossings: Crossings, fractions: Tensor) -> Tensor:
        """Points [V, 3] float32 of model space at fractions [V] of the way from low to high."""
        weight = fractions[:, None]
        return weight * self._place(crossings.high) + (1 - weight) * self._place(crossings.low)

    def _place(self, positions: Tensor) -> Tensor:
        if self.is_squeezed:
            return positions.float() / (self.grid + 1) * (2 * self.bound) - self.bound
        return (positions - 1).float() / (self.grid - 1) * (2 * self.bound) - self.bound

    def is_on_border(self, crossings: Crossings) -> Tensor:
        """Which edges [V] end on the border, where the field was not asked."""
        return (crossings.low == 0).any(1) | (crossings.high == self.grid + 1).any(1)
