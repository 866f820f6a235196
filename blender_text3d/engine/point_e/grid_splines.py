# SPDX-License-Identifier: GPL-3.0-or-later
"""From points to a lattice and back: how many points lie near each lattice point, and smooth values between them."""

import torch
from torch import Tensor


def splatted(points: Tensor, side: int) -> Tensor:
    """Every point is shared out among the 8 lattice points around it, by nearness.

    Args:
        points: [B, 3, N] in lattice steps; what lies outside goes to the outermost lattice points.
        side: lattice points a side.

    Returns:
        [B, side, side, side] log(1 + share) of each lattice point.
    """
    low = points.floor()
    part = points - low
    shares = points.new_zeros(len(points), side**3)
    weights = torch.stack([1 - part, part])
    for corner in CUBE:
        index = flat((low + corner.to(points)[:, None]).long(), side)
        x, y, z = (weights[step, :, axis] for axis, step in enumerate(corner.tolist()))
        shares.scatter_add_(1, index, x * y * z)
    return shares.log1p().view(-1, side, side, side)


CUBE = torch.cartesian_prod(*[torch.arange(2)] * 3)
"""[8, 3] the corners of a cube."""


def flat(places: Tensor, side: int) -> Tensor:
    """[B, 3, N] int64 lattice places, drawn in where they lie outside -> [B, N] their numbers."""
    x, y, z = places.clamp(0, side - 1).unbind(1)
    return (x * side + y) * side + z


def spline_values(coefficients: Tensor, points: Tensor) -> Tensor:
    """Uniform cubic B-splines: values whose slope and bend have no jumps.

    Source: de Boor 1978 (A Practical Guide to Splines).

    Args:
        coefficients: [B, G, G, G]; beyond the lattice the outermost ones go on.
        points: [B, 3, M] in lattice steps.

    Returns:
        [B, M].
    """
    side = coefficients.shape[-1]
    low = points.floor()
    weights = spline_weights(points - low)
    places = (low.long()[:, None] + torch.arange(-1, 3, device=points.device)[:, None, None]).clamp(0, side - 1)
    x, y, z = places.unbind(2)
    numbers = ((x[:, :, None, None] * side + y[:, None, :, None]) * side + z[:, None, None]).flatten(1)
    around = coefficients.flatten(1).gather(1, numbers).view(len(points), 4, 4, 4, -1)
    for axis in (2, 1, 0):
        around = (around * weights[:, :, axis].view(len(points), *[1] * axis, 4, -1)).sum(axis + 1)
    return around


def spline_weights(part: Tensor) -> Tensor:
    """[B, 3, M] way 0..1 from one lattice point to the next -> [B, 4, 3, M] weights of the four around, 1 in all."""
    rest = 1 - part
    second = 2 / 3 - part.square() * (1 - part / 2)
    third = 2 / 3 - rest.square() * (1 - rest / 2)
    return torch.stack([rest**3 / 6, second, third, part**3 / 6], dim=1)
