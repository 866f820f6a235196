# SPDX-License-Identifier: GPL-3.0-or-later
"""Vertices on grid edges: their fraction along the edge, refined if requested, and their position in model space."""

from dataclasses import dataclass

import torch
from torch import Tensor

from .field import Field, depth, field_values
from .marching_cubes import Crossings


@dataclass(frozen=True)
class GridToModel:
    """Conversion from a grid with a border of one point to model space.

    Attributes:
        grid: grid points per side without the border.
        bound: half the side of the sampled cube, model space.
        is_squeezed: True if the border, instead of the outermost samples, is on the cube's sides (as in Shap-E).
    """

    grid: int
    bound: float
    is_squeezed: bool = False

    def points(self, crossings: Crossings, fractions: Tensor) -> Tensor:
        """Return points (V, 3) float32 in model space at fractions (V,) float32 of the way from low to high."""
        weight = fractions[:, None]
        return weight * self._points(crossings.high) + (1 - weight) * self._points(crossings.low)

    def _points(self, positions: Tensor) -> Tensor:
        if self.is_squeezed:
            return positions.float() / (self.grid + 1) * (2 * self.bound) - self.bound
        return (positions - 1).float() / (self.grid - 1) * (2 * self.bound) - self.bound

    def is_on_border(self, crossings: Crossings) -> Tensor:
        """Return (V,) bool, the edges that end on the border, where the field is not sampled."""
        return (crossings.low == 0).any(1) | (crossings.high == self.grid + 1).any(1)


def refined_fractions(field: Field, crossings: Crossings, to_model: GridToModel, level: float, rounds: int) -> Tensor:
    """Return fractions along the edges after some rounds of false position (regula falsi).

    Edges that end on the border keep their fraction, since the field does not include the border.

    Args:
        field: positive inside.
        crossings: V edges.
        to_model: conversion from the grid to the field's space.
        level: the value at the surface.
        rounds: field evaluations per vertex; 0 interpolates linearly.

    Returns:
        (V,) float32, 0..1.
    """
    fractions = crossings.fractions()
    if rounds == 0 or len(fractions) == 0:
        return fractions
    low, high = torch.zeros_like(fractions), torch.ones_like(fractions)
    low_depth, high_depth = (depth(end, level) for end in (crossings.low_value + level, crossings.high_value + level))
    found = _zero_between(low, high, low_depth, high_depth)
    for _ in range(rounds):
        found_depth = depth(field_values(field, to_model.points(crossings, found)), level)
        is_like_low = (found_depth > 0) == (low_depth > 0)
        low, low_depth = torch.where(is_like_low, found, low), torch.where(is_like_low, found_depth, low_depth)
        high, high_depth = torch.where(is_like_low, high, found), torch.where(is_like_low, high_depth, found_depth)
        found = _zero_between(low, high, low_depth, high_depth)
    return torch.where(to_model.is_on_border(crossings), fractions, found)


def _zero_between(low: Tensor, high: Tensor, low_depth: Tensor, high_depth: Tensor) -> Tensor:
    """Return the zero of the line through two depths of opposite sign."""
    return low + (high - low) * (low_depth / (low_depth - high_depth)).nan_to_num(0.5).clamp(0.0, 1.0)
