# SPDX-License-Identifier: GPL-3.0-or-later
"""At which distances along a ray the volume is asked: evenly first, then where the first look found something.

Source: Mildenhall et al. 2020 (NeRF), sections 4 and 5.2; order and meaning of the random numbers as in openai/shap-e,
shap_e/models/nerf/ray.py, so that the same numbers give the same distances.
"""

import torch
from torch import Tensor

from .rays import Span

MIN_WEIGHT = 1e-5
"""Added to every weight, so that a ray that met nothing is searched evenly."""


def borders(distances: Tensor, span: Span) -> tuple[Tensor, Tensor]:
    """The interval around each distance: halfway to its neighbours, and to the ends of the span.

    Args:
        distances: [R, N], rising.
        span: of R rays.

    Returns:
        lower, upper: [R, N] each.
    """
    middles = (distances[:, 1:] + distances[:, :-1]) * 0.5
    return torch.cat([span.near, middles], dim=1), torch.cat([middles, span.far], dim=1)


def even_distances(span: Span, places: Tensor) -> Tensor:
    """One distance in each of N intervals between near and far, the outermost half as long as the others.

    Args:
        span: of R rays.
        places: [R, N] uniform numbers in 0..1: where in its interval each distance lies.

    Returns:
        [R, N], rising.
    """
    steps = torch.linspace(0, 1, places.shape[1], device=places.device)
    lower, upper = borders(span.near * (1.0 - steps) + span.far * steps, span)
    return lower + (upper - lower) * places


def likely_distances(distances: Tensor, span: Span, weights: Tensor, picks: Tensor, places: Tensor) -> Tensor:
    """Distances drawn where weights are large.

    Args:
        distances: [R, N], where the weights were found.
        span: of R rays.
        weights: [R, N], how much of a pixel's light each distance gave.
        picks: [R, K] uniform numbers in 0..1: which interval.
        places: [R, K] uniform numbers in 0..1: where in it.

    Returns:
        [R, K], rising.
    """
    raised = weights + MIN_WEIGHT
    shares = torch.cumsum(raised / raised.sum(dim=1, keepdim=True), dim=1)
    chosen = torch.searchsorted(shares, picks).clamp(max=distances.shape[1] - 1)
    lower, upper = (ends.gather(1, chosen) for ends in borders(distances, span))
    return (lower + (upper - lower) * places).sort(dim=1).values
