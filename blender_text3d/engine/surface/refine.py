# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the surface on a lattice edge more exactly than a straight line between the edge's ends does."""

import torch
from torch import Tensor

from .field import Field, field_values, unsquashed
from .grid_to_model import Placement
from .marching_cubes import Crossings


def refined_fractions(field: Field, crossings: Crossings, placement: Placement, level: float, rounds: int) -> Tensor:
    """Fractions along the edges after `rounds` steps of false position; every vertex stays on its edge.

    Edges that end on the border keep their fraction: the field knows nothing of the border.

    Args:
        crossings: V vertices.
        placement: where the field is asked.
        level: the value at the surface.
        rounds: field look-ups for each vertex; 0 leaves all as it is.

    Returns:
        [V] float32, 0..1.
    """
    fractions = crossings.fractions()
    if rounds == 0 or len(fractions) == 0:
        return fractions
    low, high = torch.zeros_like(fractions), torch.ones_like(fractions)
    low_depth, high_depth = (_depth(end, level) for end in (crossings.low_value + level, crossings.high_value + level))
    found = _meeting(low, high, low_depth, high_depth)
    for _ in range(rounds):
        depth = _depth(field_values(field, placement.points(crossings, found)), level)
        is_like_low = (depth > 0) == (low_depth > 0)
        low, low_depth = torch.where(is_like_low, found, low), torch.where(is_like_low, depth, low_depth)
        high, high_depth = torch.where(is_like_low, high, found), torch.where(is_like_low, high_depth, depth)
        found = _meeting(low, high, low_depth, high_depth)
    return torch.where(placement.is_on_border(crossings), fractions, found)


def _depth(values: Tensor, level: float) -> Tensor:
    return unsquashed(values) - unsquashed(values.new_tensor(level))


def _meeting(low: Tensor, high: Tensor, low_depth: Tensor, high_depth: Tensor) -> Tensor:
    """Where the line through two depths of unlike sign is zero."""
    return low + (high - low) * (low_depth / (low_depth - high_depth)).nan_to_num(0.5).clamp(0.0, 1.0)
