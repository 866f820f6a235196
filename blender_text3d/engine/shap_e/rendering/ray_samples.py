# SPDX-License-Identifier: GPL-3.0-or-later
"""Distances along a ray at which the volume is sampled: evenly first, then where density was found.

Source: Mildenhall et al. 2020 (NeRF), sections 4 and 5.2; order and meaning of the random numbers as in openai/shap-e,
shap_e/models/nerf/ray.py, so that the same numbers give the same distances.
"""

import torch
from torch import Tensor

from .rays import Span

MIN_WEIGHT = 1e-5
"""Added to every weight, so that a ray without density is sampled evenly."""


def intervals(distances: Tensor, span: Span) -> tuple[Tensor, Tensor]:
    """Return the interval around each distance: halfway to its neighbors, or to the ends of the span.

    Args:
        distances: (R, N) float32, ascending.
        span: span of R rays.

    Returns:
        lower, upper: (R, N) float32 each.
    """
    middles = (distances[:, 1:] + distances[:, :-1]) * 0.5
    return torch.cat([span.near, middles], dim=1), torch.cat([middles, span.far], dim=1)


def stratified_distances(span: Span, offsets: Tensor) -> Tensor:
    """Return one distance in each of N intervals between near and far; the outermost are half as long as the others.

    Args:
        span: span of R rays.
        offsets: (R, N) float32 uniform numbers in 0..1, the position within each interval.

    Returns:
        (R, N) float32, ascending.
    """
    steps = torch.linspace(0, 1, offsets.shape[1], device=offsets.device)
    lower, upper = intervals(span.near * (1.0 - steps) + span.far * steps, span)
    return lower + (upper - lower) * offsets


def importance_distances(distances: Tensor, span: Span, weights: Tensor, picks: Tensor, offsets: Tensor) -> Tensor:
    """Draw distances where weights are large (inverse transform sampling).

    Args:
        distances: (R, N) float32, positions of the weights.
        span: span of R rays.
        weights: (R, N) float32, each distance's share of the pixel's light.
        picks: (R, K) float32 uniform numbers in 0..1 that select the interval.
        offsets: (R, K) float32 uniform numbers in 0..1, the position within the interval.

    Returns:
        (R, K) float32, ascending.
    """
    positive = weights + MIN_WEIGHT
    cdf = torch.cumsum(positive / positive.sum(dim=1, keepdim=True), dim=1)
    chosen = torch.searchsorted(cdf, picks).clamp(max=distances.shape[1] - 1)
    lower, upper = (ends.gather(1, chosen) for ends in intervals(distances, span))
    return (lower + (upper - lower) * offsets).sort(dim=1).values
