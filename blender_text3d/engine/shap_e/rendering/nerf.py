# SPDX-License-Identifier: GPL-3.0-or-later
"""Volume rendering: a coarse look along every ray finds where something is, a fine one makes the picture.

Source: Mildenhall et al. 2020 (NeRF), sections 4 and 5.2; openai/shap-e, shap_e/models/nerstf/renderer.py with
separate_shared_samples, that is the fine pass looks at the coarse pass's distances too, through its own channels.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .ray_samples import borders, even_distances, likely_distances
from .rays import Rays, Span, box_span

Medium = Callable[[Tensor, Tensor | None], Tensor]
"""Points [M, 3], directions [M, 3] or None -> [M, 5]: coarse density, fine density, colour; see `Field.medium`."""

Draw = Callable[[int, int], Tensor]
"""(R, N) -> uniform random numbers [R, N] in 0..1, float32."""


@dataclass(frozen=True)
class Looks:
    """How often a ray looks; the defaults are those of diffusers' port, since OpenAI's configuration is not public.

    Attributes:
        coarse: looks spread evenly.
        fine: further looks where the coarse ones found something.
        sees_direction: whether colours depend on the view's direction. The official notebooks leave it out.
    """

    coarse: int = 64
    fine: int = 128
    sees_direction: bool = False


@dataclass(frozen=True)
class Light:
    """What R rays bring.

    Attributes:
        color: [R, 3] sRGB of what the ray met, times how much of the ray that took.
        transmittance: [R] 0..1, what is left for the background.
    """

    color: Tensor
    transmittance: Tensor


def light_of(medium: Medium, rays: Rays, looks: Looks, draw: Draw, is_wanted: Tensor | None = None) -> Light:
    """Follow rays through a medium; those that miss the cube cost nothing but their random numbers.

    Numbers are drawn for all rays in the official order: coarse places, then picks, then fine places.

    Args:
        medium: what the cube holds.
        rays: R lines of sight.
        looks: how many.
        draw: the random numbers.
        is_wanted: [R] bool; the other rays are known to meet nothing. None: it is not known of any.

    Returns:
        The light; where a ray misses the cube or is not wanted, no colour and full transmittance.
    """
    count = len(rays)
    evenly, picks, places = (draw(count, number) for number in (looks.coarse, looks.fine, looks.fine))
    span, is_hit = box_span(rays)
    is_hit = is_hit if is_wanted is None else is_hit & is_wanted
    span, hitting = Span(span.near[is_hit], span.far[is_hit]), rays[is_hit]
    first = even_distances(span, evenly[is_hit])
    met = _met(medium, hitting, first, looks)
    weights, _ = _weights(met[..., 0], first, span)
    second = likely_distances(first, span, weights, picks[is_hit], places[is_hit])
    distances, order = torch.cat([second, first], dim=1).sort(dim=1)
    both = torch.cat([_met(medium, hitting, second, looks), met], dim=1)
    both = both.gather(1, order[..., None].expand(-1, -1, both.shape[2]))
    weights, left = _weights(both[..., 1], distances, span)
    light = Light(rays.origins.new_zeros(count, 3), rays.origins.new_ones(count))
    light.color[is_hit] = (both[..., 2:] * weights[..., None]).sum(dim=1)
    light.transmittance[is_hit] = left
    return light


def _met(medium: Medium, rays: Rays, distances: Tensor, looks: Looks) -> Tensor:
    """What the medium holds at distances [R, N] along rays: [R, N, 5]."""
    directions = rays.directions[:, None].expand(-1, distances.shape[1], -1)
    points = rays.origins[:, None] + distances[..., None] * directions
    seen_from = directions.reshape(-1, 3) if looks.sees_direction else None
    return medium(points.reshape(-1, 3), seen_from).reshape(*distances.shape, 5)


def _weights(density: Tensor, distances: Tensor, span: Span) -> tuple[Tensor, Tensor]:
    """How much of a ray's light comes from each distance [R, N], and how much passes them all [R].

    Source: Max 1995, "Optical models for direct volume rendering", with constant density in each interval.
    """
    lower, upper = borders(distances, span)
    mass = density * (upper - lower)
    depth = torch.cumsum(mass, dim=1)
    before = torch.cat([torch.zeros_like(depth[:, :1]), depth[:, :-1]], dim=1)
    return (1.0 - torch.exp(-mass)) * torch.exp(-before), torch.exp(-depth[:, -1])
