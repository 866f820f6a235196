# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a field by volume rendering, in portions whose memory does not grow with the picture."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ....geometry import Cameras
from ..decoder import VectorDecoder
from ..field import Field
from .nerf import Draw, Light, Looks, Medium, light_of
from .occupancy import in_chunks, occupied, silhouette, where_occupied
from .rays import Rays, camera_rays
from .tonemap import picture

PORTION = 4096
"""Rays that draw their random numbers together, as in the official package; a 64 x 64 picture is one portion."""


@dataclass(frozen=True)
class Volume:
    """How a field is looked into.

    Attributes:
        looks: how often each ray looks.
        density: "trained": the channels trained for this. "solid": made of the surface, for decoders trained on
            nothing else, such as the small one that ships. "auto": "solid" for decoders that take no direction,
            which is how those can be told.
        skip_grid: lattice points a side of a first look at the whole cube, after which nothing is asked where that
            found nothing; None asks everywhere, as the official package does: slower, and misses nothing.
        seed: where in its interval each look falls. The same seed gives the same pictures, and for sides that are
            multiples of 64 pixels those that the official package makes after `torch.manual_seed`, view by view.

    Raises:
        ValueError: no such density, or nothing to look with.
    """

    looks: Looks = Looks()
    density: str = "auto"
    skip_grid: int | None = 64
    seed: int = 0

    def __post_init__(self) -> None:
        """Check what a picture could not be made with."""
        if self.density not in ("auto", "trained", "solid"):
            raise ValueError(f'There is no density "{self.density}"; choose "auto", "trained" or "solid".')
        if self.looks.coarse < 2 or self.looks.fine < 1 or (self.skip_grid is not None and self.skip_grid < 2):
            raise ValueError("A ray needs 2 coarse looks and 1 fine one, and a first look at the cube 2 points a side.")


def volume_viewer(
    decoder: VectorDecoder, field: Field, volume: Volume, device: torch.device
) -> Callable[[Cameras, int], np.ndarray]:
    """What takes the pictures: (cameras, index) → [H, W, 4] uint8, sRGB and cover; call it for one view after another.

    Args:
        decoder: whose field it is.
        field: to look into.
        volume: how.
        device: of the field.
    """
    medium = in_chunks(field.solid if is_solid(decoder, volume) else field.medium)
    draw = seeded(volume.seed, device)
    lattice = None if volume.skip_grid is None else occupied(medium, volume.skip_grid, device)
    asked = medium if lattice is None else where_occupied(medium, lattice)

    @torch.inference_mode()
    def view(cameras: Cameras, index: int) -> np.ndarray:
        rays = camera_rays(cameras, index, device)
        is_wanted = None if lattice is None else silhouette(lattice, cameras, index)
        light = light_along(asked, rays, volume.looks, draw, is_wanted)
        cover = 1 - light.transmittance.cpu().numpy()
        return picture(light.color.cpu().numpy(), cover, cameras.height_px)

    return view


def light_along(medium: Medium, rays: Rays, looks: Looks, draw: Draw, is_wanted: Tensor | None = None) -> Light:
    """The same as `light_of` for any number of rays, in portions of `PORTION`."""
    parts = [slice(start, start + PORTION) for start in range(0, len(rays), PORTION)]
    wanted = [None if is_wanted is None else is_wanted[part] for part in parts]
    lights = [light_of(medium, rays[part], looks, draw, some) for part, some in zip(parts, wanted, strict=True)]
    return Light(*(torch.cat([getattr(light, name) for light in lights]) for name in ("color", "transmittance")))


def is_solid(decoder: VectorDecoder, volume: Volume) -> bool:
    """Whether the density is made of the surface."""
    return volume.density == "solid" or (volume.density == "auto" and decoder.config.insert_direction_at is None)


def seeded(seed: int, device: torch.device) -> Draw:
    """Random numbers of a seed, drawn on the CPU so that every device gets the same."""
    generator = torch.Generator().manual_seed(seed)
    return lambda rays, number: torch.rand(rays, number, generator=generator).to(device)
