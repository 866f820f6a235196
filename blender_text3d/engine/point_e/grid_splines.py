# SPDX-License-Identifier: GPL-3.0-or-later
"""Points to a grid and back: splatting points into grid cells, and spline interpolation between grid points."""

import torch
from torch import Tensor


def splat_points(points: Tensor, side: int) -> Tensor:
    """Splat points onto the 8 grid points around each, with trilinear weights.

    Args:
        points: (B, 3, N) float32 in grid steps; points outside go to the outermost grid points.
        side: grid points per side.

    Returns:
        (B, side, side, side) float32, log(1 + sum of weights) of each grid point.
    """
    low = points.floor()
    fraction = points - low
    sums = points.new_zeros(len(points), side**3)
    weights = torch.stack([1 - fraction, fraction])
    for corner in CUBE_CORNERS:
        index = flat_index((low + corner.to(points)[:, None]).long(), side)
        x, y, z = (weights[step, :, axis] for axis, step in enumerate(corner.tolist()))
        sums.scatter_add_(1, index, x * y * z)
    return sums.log1p().view(-1, side, side, side)


CUBE_CORNERS = torch.cartesian_prod(*[torch.arange(2)] * 3)
"""(8, 3) int64, the corners of the unit cube."""


def flat_index(positions: Tensor, side: int) -> Tensor:
    """Return the flat indices (B, N) int64 of grid positions (B, 3, N) int64, clamped to the grid."""
    x, y, z = positions.clamp(0, side - 1).unbind(1)
    return (x * side + y) * side + z


def interpolate_splines(coefficients: Tensor, points: Tensor) -> Tensor:
    """Evaluate uniform cubic B-splines, which are twice continuously differentiable.

    Source: de Boor 1978 (A Practical Guide to Splines).

    Args:
        coefficients: (B, G, G, G) float32; beyond the grid the outermost ones are repeated.
        points: (B, 3, M) float32 in grid steps.

    Returns:
        (B, M) float32, the values.
    """
    side = coefficients.shape[-1]
    low = points.floor()
    weights = spline_weights(points - low)
    positions = (low.long()[:, None] + torch.arange(-1, 3, device=points.device)[:, None, None]).clamp(0, side - 1)
    x, y, z = positions.unbind(2)
    indices = ((x[:, :, None, None] * side + y[:, None, :, None]) * side + z[:, None, None]).flatten(1)
    around = coefficients.flatten(1).gather(1, indices).view(len(points), 4, 4, 4, -1)
    for axis in (2, 1, 0):
        around = (around * weights[:, :, axis].view(len(points), *[1] * axis, 4, -1)).sum(axis + 1)
    return around


def smooth_coefficients(coefficients: Tensor) -> Tensor:
    """Smooth the coefficients (B, G, G, G) float32 of splines by (1, 2, 1) / 4 along each axis.

    What alternates between neighbors vanishes. Beyond the grid the outermost ones are repeated.
    """
    for axis in (1, 2, 3):
        side = coefficients.shape[axis]
        first, last = coefficients.narrow(axis, 0, 1), coefficients.narrow(axis, side - 1, 1)
        before = torch.cat([first, coefficients.narrow(axis, 0, side - 1)], axis)
        after = torch.cat([coefficients.narrow(axis, 1, side - 1), last], axis)
        coefficients = coefficients / 2 + (before + after) / 4
    return coefficients


def spline_lattice(coefficients: Tensor, along: Tensor) -> Tensor:
    """Evaluate the splines of `interpolate_splines` at all points of a lattice, one axis after the other.

    Args:
        coefficients: (B, G, G, G) float32; beyond the grid the outermost ones are repeated.
        along: (M,) float32 in grid steps, coordinates of the lattice on each axis.

    Returns:
        (B, M, M, M) float32, the values.
    """
    matrix = spline_matrix(along, coefficients.shape[-1])
    planes = matrix @ (coefficients @ matrix.T)
    return (matrix @ planes.flatten(2)).view(-1, *[len(along)] * 3)


def spline_matrix(along: Tensor, side: int) -> Tensor:
    """Return the weight (M, side) float32 of each of a row's coefficients at positions (M,) float32 in grid steps."""
    low = along.floor()
    weights = spline_weights((along - low)[None])[0, :, :, None]
    columns = torch.arange(side, device=along.device)
    positions = (low.long() + torch.arange(-1, 3, device=along.device)[:, None]).clamp(0, side - 1)
    return ((positions[:, :, None] == columns) * weights).sum(0)


def spline_weights(fraction: Tensor) -> Tensor:
    """Return the weights (B, 4, ...) float32 of the four nearest grid points per axis; they sum to 1.

    Args:
        fraction: (B, ...) float32, position 0..1 between two grid points.
    """
    rest = 1 - fraction
    second = 2 / 3 - fraction.square() * (1 - fraction / 2)
    third = 2 / 3 - rest.square() * (1 - rest / 2)
    return torch.stack([rest**3 / 6, second, third, fraction**3 / 6], dim=1)
