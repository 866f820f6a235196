# SPDX-License-Identifier: GPL-3.0-or-later
"""ColoredField: a latent's depth and texture together, for surfaces that are interpolated from a lattice."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from ..nn.embedding import positional_encoding
from ..nn.linear import linear
from .field import SIGNED_DISTANCE, TEXTURE, Field


class ColoredField:
    """The depth, before its tanh, and the texture of a latent's field, as `surface.interpolated.LatticeField`."""

    def __init__(self, field: Field) -> None:
        self._field = field

    def at_points(self, points: Tensor) -> Tensor:
        """Return the depth and the texture before its sigmoid, (M, 4) float32, at points (M, 3) float32."""
        return self._field.channels(points, (*SIGNED_DISTANCE, *TEXTURE))

    def on_lattice(self, grid: int, bound: float) -> Callable[[Tensor], Tensor]:
        """Return a function: flat indices (M,) int64 of a lattice -> depths (M,) float32.

        Each input of the first layer depends on one coordinate, so its output is the sum of three terms, one per axis,
        of which a lattice has few: they are tabulated.
        """
        (first, bias), *hidden, _ = self._field.layers
        last = self._field.last_layer(SIGNED_DISTANCE)
        steps = torch.arange(grid, device=first.device).float() / (grid - 1) * (2 * bound) - bound
        x, y, z = axis_tables(steps, first, self._field.position_octaves)
        y = y + bias

        def depths(flat: Tensor) -> Tensor:
            h = x.index_select(0, flat // (grid * grid))  # half the time of x[...]
            h += y.index_select(0, flat // grid % grid)
            h = silu(h.add_(z.index_select(0, flat % grid)))
            for weight, inner_bias in hidden:
                h = linear(h, weight[:, : h.shape[-1]], inner_bias, "silu")
            return linear(h, *last)[:, 0]

        return depths


def axis_tables(steps: Tensor, weight: Tensor, octaves: int) -> tuple[Tensor, ...]:
    """Return each axis' share of the first layer's output, without its bias.

    Args:
        steps: (G,) float32, coordinates of the lattice.
        weight: (O, I) float32 of the first layer, whose inputs are `positional_encoding`.
        octaves: octaves of the encoding.

    Returns:
        Three tensors (G, O) float32.
    """
    tables = []
    for axis in range(3):
        points = torch.zeros(len(steps), 3, device=steps.device)
        points[:, axis] = steps
        columns = torch.arange(axis, 3 + 6 * octaves, 3, device=steps.device)  # x, y, z take turns in each part
        tables.append(positional_encoding(points, octaves)[:, columns] @ weight[:, columns].T)
    return tuple(tables)


def silu(x: Tensor) -> Tensor:
    """Apply SiLU in place where no gradient is required."""
    return F.silu(x, inplace=not torch.is_grad_enabled())
