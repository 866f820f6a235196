# SPDX-License-Identifier: GPL-3.0-or-later
"""Which blocks may hold surface, judged by the field at their corners."""

import torch
from torch import Tensor
from torch.nn.functional import max_pool3d, pad

from .field import MAX_DEPTH, unsquashed

REACH = 0.7
"""A corner hints at surface if its depth is below this part of the summed change to the next corners along x, y, z.

One half would do if the field were straight within a block; the rest is for bends.
"""

PIECE_REACH = 1.2
"""A piece hints at surface if any two opposite corners' depths together are below this part of the change across it.

From one corner to the surface and on to the opposite corner is, along each axis, as far as from corner to corner: one
would do if the field changed nowhere faster than between the corners that were asked.
"""


def depth(values: Tensor, level: float) -> Tensor:
    """How far values are from the level, of any shape; about proportional to the distance from the surface."""
    return unsquashed(values) - unsquashed(values.new_tensor(level))


def candidate_blocks(corners: Tensor, level: float) -> Tensor:
    """The blocks of a whole lattice that may hold surface: signs differ, or a corner is near the surface.

    Beyond the lattice all is outside, so outermost blocks with a corner inside hold surface too.

    Args:
        corners: [n, n, n] float32, the field at the blocks' corners.
        level: the value at the surface.

    Returns:
        [n - 1, n - 1, n - 1] bool.
    """
    has_inside, has_outside = _any_corner(corners > level), _any_corner(corners <= level)
    near = depth(corners, level).abs() < REACH * _changes(corners, level)
    return (has_inside & (has_outside | is_outermost(has_inside))) | _any_corner(near)


def change_across(corners: Tensor, level: float) -> Tensor:
    """How much the depth changes from a block's corner to the opposite one, at most.

    A value that is squashed flat does not say how deep it lies: the change to it may be of any size.

    Args:
        corners: [n, n, n] float32, the field at the blocks' corners.
        level: the value at the surface.

    Returns:
        [n - 1, n - 1, n - 1] float32.
    """
    is_flat = unsquashed(corners).abs() >= MAX_DEPTH
    beside_flat = max_pool3d(is_flat[None].float(), 3, stride=1, padding=1)[0] > 0
    return max_pool3d(_changes(corners, level).masked_fill(beside_flat, torch.inf)[None], 2, stride=1)[0]


def hinted_pieces(corners: Tensor, level: float, change: Tensor, is_at_border: Tensor) -> Tensor:
    """The pieces that may hold surface: signs differ, or all opposite corners are near it.

    Args:
        corners: [K, 8] the field at their corners, opposite ones mirrored.
        level: the value at the surface.
        change: [K] of the depth from one corner to the opposite one.
        is_at_border: [K] whether they are outermost.

    Returns:
        [K] bool.
    """
    is_inside, away = corners > level, depth(corners, level).abs()
    is_crossed = is_inside.any(1) & (~is_inside.all(1) | is_at_border)
    return is_crossed | ((away + away.flip(1)).amax(1) <= PIECE_REACH * change)


def is_outermost(blocks: Tensor) -> Tensor:
    """[n, n, n] -> [n, n, n] bool, whether a block is at the lattice's border."""
    flags = torch.ones_like(blocks, dtype=torch.bool)
    flags[1:-1, 1:-1, 1:-1] = False
    return flags


def _changes(corners: Tensor, level: float) -> Tensor:
    away = depth(corners, level)
    return sum(_largest_change(away, axis) for axis in range(3))


def _largest_change(values: Tensor, axis: int) -> Tensor:
    """The larger of the changes to the two neighbours along an axis; same shape."""
    change = values.diff(dim=axis).abs().movedim(axis, -1)
    return torch.maximum(pad(change, (1, 0)), pad(change, (0, 1))).movedim(-1, axis)


def _any_corner(flags: Tensor) -> Tensor:
    return max_pool3d(flags[None].float(), 2, stride=1)[0] > 0
