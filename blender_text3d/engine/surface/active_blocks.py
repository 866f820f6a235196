# SPDX-License-Identifier: GPL-3.0-or-later
"""Selection of the blocks that may contain surface, from the field at their corners."""

import torch
from torch import Tensor
from torch.nn.functional import max_pool3d, pad

from .field import MAX_DEPTH, depth, unsquashed

REACH = 0.7
"""A corner is near the surface if its depth is below this share of the summed change to the next corners along x, y, z.

One half would suffice if the field were linear within a block; the rest allows for curvature.
"""

PIECE_REACH = 1.2
"""A piece is near the surface if its opposite corners' summed depths are below this share of the change across it.

The path from one corner via the surface to the opposite corner is, along each axis, as long as from corner to corner:
one would suffice if the field changed nowhere faster than between the sampled corners.
"""


def candidate_blocks(corners: Tensor, level: float) -> Tensor:
    """Return the blocks of a grid that may contain surface: signs differ, or a corner is near the surface.

    Everything beyond the grid is outside, so outermost blocks with a corner inside contain surface too.

    Args:
        corners: (n, n, n) float32, the field at the blocks' corners.
        level: the value at the surface.

    Returns:
        (n - 1, n - 1, n - 1) bool.
    """
    has_inside, has_outside = _any_corner(corners > level), _any_corner(corners <= level)
    near = depth(corners, level).abs() < REACH * _changes(corners, level)
    return (has_inside & (has_outside | is_outermost(has_inside))) | _any_corner(near)


def change_across(corners: Tensor, level: float) -> Tensor:
    """Return the largest change of the depth from a block's corner to the opposite one.

    The depth of a saturated value is unknown, so the change to it is infinite.

    Args:
        corners: (n, n, n) float32, the field at the blocks' corners.
        level: the value at the surface.

    Returns:
        (n - 1, n - 1, n - 1) float32.
    """
    is_saturated = unsquashed(corners).abs() >= MAX_DEPTH
    near_saturated = max_pool3d(is_saturated[None].float(), 3, stride=1, padding=1)[0] > 0
    return max_pool3d(_changes(corners, level).masked_fill(near_saturated, torch.inf)[None], 2, stride=1)[0]


def candidate_pieces(corners: Tensor, level: float, change: Tensor, is_at_border: Tensor) -> Tensor:
    """Return the pieces that may contain surface: signs differ, or all opposite corners are near it.

    Args:
        corners: (K, 8) float32, the field at their corners; corner i is opposite corner 7 - i.
        level: the value at the surface.
        change: (K,) float32, change of the depth from one corner to the opposite one.
        is_at_border: (K,) bool, True for outermost pieces.

    Returns:
        (K,) bool.
    """
    is_inside, depths = corners > level, depth(corners, level).abs()
    is_crossed = is_inside.any(1) & (~is_inside.all(1) | is_at_border)
    return is_crossed | ((depths + depths.flip(1)).amax(1) <= PIECE_REACH * change)


def is_outermost(blocks: Tensor) -> Tensor:
    """Return (n, n, n) bool, True for blocks at the border of a grid of blocks (n, n, n)."""
    flags = torch.ones_like(blocks, dtype=torch.bool)
    flags[1:-1, 1:-1, 1:-1] = False
    return flags


def _changes(corners: Tensor, level: float) -> Tensor:
    depths = depth(corners, level)
    x, y, z = (_largest_change(depths, axis) for axis in range(3))
    return x + y + z


def _largest_change(values: Tensor, axis: int) -> Tensor:
    """Return the larger of the changes to the two neighbors along an axis, of the same shape."""
    change = values.diff(dim=axis).abs().movedim(axis, -1)
    return torch.maximum(pad(change, (1, 0)), pad(change, (0, 1))).movedim(-1, axis)


def _any_corner(flags: Tensor) -> Tensor:
    return max_pool3d(flags[None].float(), 2, stride=1)[0] > 0
