# SPDX-License-Identifier: GPL-3.0-or-later
"""Volume rendering of a field in batches of rays, so that memory does not grow with the image."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ....geometry import Cameras
from ...device import moved
from ..decoder import VectorDecoder
from ..field import Field
from .nerf import Medium, RayLight, SampleCounts, UniformDraw, render_rays
from .occupancy import in_chunks, occupancy_grid, silhouette, skip_empty
from .rays import Rays, camera_rays
from .rgba import rgba_image

RAY_BATCH = 4096
"""Rays that draw their random numbers together, as in the official package; a 64 x 64 image is one batch."""


@dataclass(frozen=True)
class NeRFSettings:
    """Settings for rendering a field.

    Attributes:
        samples: number of samples per ray.
        density: "trained" uses the channels trained for this. "solid" derives the density from the surface, for
            decoders without such channels, like the small one that ships. "auto" uses "solid" for decoders without a
            view direction, which is what distinguishes them.
        skip_grid: points per side of an occupancy grid, whose empty cells are skipped; None evaluates everywhere, as
            the official package does: slower, but misses nothing.
        seed: determines the sample positions. The same seed gives the same images and, for sizes that are multiples
            of 64 pixels, those that the official package renders after `torch.manual_seed`, view by view.

    Raises:
        ValueError: no such density, or too few samples.
    """

    samples: SampleCounts = SampleCounts()
    density: str = "auto"
    skip_grid: int | None = 64
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the values."""
        if self.density not in ("auto", "trained", "solid"):
            raise ValueError(f'There is no density "{self.density}"; choose "auto", "trained" or "solid".')
        if self.samples.coarse < 2 or self.samples.fine < 1 or (self.skip_grid is not None and self.skip_grid < 2):
            raise ValueError("A ray needs 2 coarse samples and 1 fine one, and skip_grid 2 points per side.")


def nerf_renderer(
    decoder: VectorDecoder, field: Field, settings: NeRFSettings, device: torch.device
) -> Callable[[Cameras, int], np.ndarray]:
    """Return a function that renders one view: (cameras, index) -> (H, W, 4) uint8, sRGB and alpha.

    Call it for one view after another, since all views draw from one stream of random numbers.

    Args:
        decoder: the decoder that the field belongs to.
        field: the field to render.
        settings: how to render.
        device: device of the field.
    """
    medium = in_chunks(field.solid if uses_surface_density(decoder, settings) else field.medium)
    draw = seeded_uniform(settings.seed, device)
    occupancy = None if settings.skip_grid is None else occupancy_grid(medium, settings.skip_grid, device)
    sparse = medium if occupancy is None else skip_empty(medium, occupancy)

    @torch.inference_mode()
    def render(cameras: Cameras, index: int) -> np.ndarray:
        rays = camera_rays(cameras, index, device)
        may_hit = None if occupancy is None else silhouette(occupancy, cameras, index)
        light = render_ray_batches(sparse, rays, settings.samples, draw, may_hit)
        coverage = 1 - light.transmittance.cpu().numpy()
        return rgba_image(light.color.cpu().numpy(), coverage, cameras.height_px)

    return render


def render_ray_batches(
    medium: Medium, rays: Rays, samples: SampleCounts, draw: UniformDraw, may_hit: Tensor | None = None
) -> RayLight:
    """Return the same as `render_rays` for any number of rays, in batches of `RAY_BATCH`."""
    parts = [slice(start, start + RAY_BATCH) for start in range(0, len(rays), RAY_BATCH)]
    masks = [None if may_hit is None else may_hit[part] for part in parts]
    lights = [render_rays(medium, rays[part], samples, draw, mask) for part, mask in zip(parts, masks, strict=True)]
    names = ("color", "transmittance", "distance")
    return RayLight(*(torch.cat([getattr(light, name) for light in lights]) for name in names))


def uses_surface_density(decoder: VectorDecoder, settings: NeRFSettings) -> bool:
    """True if the density is derived from the surface."""
    return settings.density == "solid" or (settings.density == "auto" and decoder.config.insert_direction_at is None)


def seeded_uniform(seed: int, device: torch.device) -> UniformDraw:
    """Return a source of random numbers that are drawn on the CPU, so that every device gets the same."""
    generator = torch.Generator().manual_seed(seed)
    return lambda rays, count: moved(torch.rand(rays, count, generator=generator), device)
