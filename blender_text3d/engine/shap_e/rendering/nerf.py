# SPDX-License-Identifier: GPL-3.0-or-later
"""Volume rendering: coarse samples along every ray find the object, fine ones render it.

Source: Mildenhall et al. 2020 (NeRF), sections 4 and 5.2; openai/shap-e, shap_e/models/nerstf/renderer.py with
separate_shared_samples: the fine pass also samples at the coarse distances, through its own channels.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .ray_samples import importance_distances, intervals, stratified_distances
from .rays import Rays, Span, box_span

Medium = Callable[[Tensor, Tensor | None], Tensor]
"""Points (M, 3), directions (M, 3) or None -> (M, 5) coarse density, fine density and color, all float32.

See `Field.medium`.
"""

UniformDraw = Callable[[int, int], Tensor]
"""Draws uniform random numbers in 0..1: (R, N) -> (R, N) float32."""


@dataclass(frozen=True)
class SampleCounts:
    """Number of samples per ray; the defaults are those of the official transmitter_config.yaml.

    Attributes:
        coarse: samples spread evenly.
        fine: further samples where the coarse ones found density.
        uses_direction: True if colors depend on the view direction. The official notebooks leave it out.
    """

    coarse: int = 64
    fine: int = 128
    uses_direction: bool = False


@dataclass(frozen=True)
class RayLight:
    """Color and transmittance of R rays.

    Attributes:
        color: (R, 3) float32 sRGB, premultiplied by the opacity.
        transmittance: (R,) float32, 0..1, share of the background that is visible.
        distance: (R,) float32, from the rays' origins, premultiplied by the opacity.
    """

    color: Tensor
    transmittance: Tensor
    distance: Tensor


@dataclass(frozen=True)
class RaySamples:
    """Samples of R rays that hit the cube, and what each contributes.

    Attributes:
        distances: (R, N) float32, ascending.
        values: (R, N, 5) float32, the medium there.
        weights: (R, N) float32, each sample's share of the ray's light.
        transmittance: (R,) float32.
    """

    distances: Tensor
    values: Tensor
    weights: Tensor
    transmittance: Tensor

    def light(self) -> RayLight:
        """Return the light of the rays."""
        color = (self.values[..., 2:] * self.weights[..., None]).sum(dim=1)
        return RayLight(color, self.transmittance, (self.distances * self.weights).sum(dim=1))


def render_rays(
    medium: Medium, rays: Rays, samples: SampleCounts, draw: UniformDraw, may_hit: Tensor | None = None
) -> RayLight:
    """Render rays through a medium; those that miss the cube only consume random numbers.

    Numbers are drawn for all rays in the official order: coarse offsets, then picks, then fine offsets.

    Args:
        medium: density and color within the cube.
        rays: R rays.
        samples: number of samples per ray.
        draw: source of random numbers.
        may_hit: (R,) bool, False for rays that are known to hit nothing; None if nothing is known.

    Returns:
        The rays' light; black with full transmittance for rays that miss the cube or cannot hit.
    """
    count = len(rays)
    coarse_offsets, picks, offsets = (draw(count, n) for n in (samples.coarse, samples.fine, samples.fine))
    span, is_hit = box_span(rays)
    is_hit = is_hit if may_hit is None else is_hit & may_hit
    span, hits = Span(span.near[is_hit], span.far[is_hit]), rays[is_hit]
    coarse = coarse_samples(medium, hits, span, samples, coarse_offsets[is_hit])
    return in_all_rays(
        fine_samples(medium, hits, span, samples, coarse, picks[is_hit], offsets[is_hit]).light(), is_hit
    )


def in_all_rays(light: RayLight, is_hit: Tensor) -> RayLight:
    """Return the light of all rays, of which those that hit nothing are black, from that of those that do."""
    black = light.transmittance.new_zeros(len(is_hit))
    full = RayLight(black[:, None].repeat(1, 3), torch.ones_like(black), black)
    for name, values in vars(light).items():
        getattr(full, name)[is_hit] = values
    return full


def coarse_samples(medium: Medium, rays: Rays, span: Span, samples: SampleCounts, offsets: Tensor) -> RaySamples:
    """Sample rays evenly, with uniform numbers (R, N) float32 as offsets."""
    distances = stratified_distances(span, offsets)
    values = _query_medium(medium, rays, distances, samples)
    return RaySamples(distances, values, *_weights(values[..., 0], distances, span))


def fine_samples(
    medium: Medium, rays: Rays, span: Span, samples: SampleCounts, coarse: RaySamples, picks: Tensor, offsets: Tensor
) -> RaySamples:
    """Sample rays where the coarse pass found density, and at its distances.

    Args:
        medium, rays, span, samples: As in the coarse pass.
        coarse: The coarse pass.
        picks, offsets: (R, K) float32 uniform numbers, see `importance_distances`.
    """
    fine = importance_distances(coarse.distances, span, coarse.weights, picks, offsets)
    distances, order = torch.cat([fine, coarse.distances], dim=1).sort(dim=1)
    values = torch.cat([_query_medium(medium, rays, fine, samples), coarse.values], dim=1)
    values = values.gather(1, order[..., None].expand(-1, -1, values.shape[2]))
    return RaySamples(distances, values, *_weights(values[..., 1], distances, span))


def _query_medium(medium: Medium, rays: Rays, distances: Tensor, samples: SampleCounts) -> Tensor:
    """Return the medium's values (R, N, 5) float32 at distances (R, N) float32 along rays."""
    directions = rays.directions[:, None].expand(-1, distances.shape[1], -1)
    points = rays.origins[:, None] + distances[..., None] * directions
    view_directions = directions.reshape(-1, 3) if samples.uses_direction else None
    return medium(points.reshape(-1, 3), view_directions).reshape(*distances.shape, 5)


def _weights(density: Tensor, distances: Tensor, span: Span) -> tuple[Tensor, Tensor]:
    """Return each distance's share (R, N) float32 of a ray's light, and the ray's transmittance (R,) float32.

    Source: Max 1995, "Optical models for direct volume rendering", with constant density in each interval.
    """
    lower, upper = intervals(distances, span)
    mass = density * (upper - lower)
    depth = torch.cumsum(mass, dim=1)
    before = torch.cat([torch.zeros_like(depth[:, :1]), depth[:, :-1]], dim=1)
    return (1.0 - torch.exp(-mass)) * torch.exp(-before), torch.exp(-depth[:, -1])
