# SPDX-License-Identifier: GPL-3.0-or-later
"""The rays of a camera's pixels and their intersection with the cube [-1, 1]^3."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ....geometry import Cameras

MIN_LENGTH = 1e-3
"""Shorter intersections with the cube count as misses."""

EPSILON = 1e-6
"""Added to the absolute value of every direction component to avoid division by zero."""


@dataclass(frozen=True)
class Rays:
    """R rays in model space.

    Attributes:
        origins: (R, 3) float32.
        directions: (R, 3) float32 unit vectors.
    """

    origins: Tensor
    directions: Tensor

    def __len__(self) -> int:
        return len(self.origins)

    def __getitem__(self, chosen: Tensor | slice) -> "Rays":
        return Rays(self.origins[chosen], self.directions[chosen])


@dataclass(frozen=True)
class Span:
    """The part of each ray within the cube.

    Attributes:
        near, far: (R, 1) float32 distances from the origin.
    """

    near: Tensor
    far: Tensor


def camera_rays(cameras: Cameras, index: int, device: torch.device) -> Rays:
    """Return the H * W rays through the centers of one camera's pixels, row by row from the upper left.

    The arithmetic follows the official one step by step: the field's highest octaves resolve differences of 1e-4, so
    that rays rounded differently would give different images of a noisy field.
    """
    width, height = cameras.width_px, cameras.height_px
    extent = np.array([width - 1, height - 1]) / (2 * cameras.focal_px)
    pixels = torch.arange(width * height)
    positions = torch.stack([pixels % width, pixels // width], dim=1).float()
    shares = positions / (torch.tensor([width, height], dtype=torch.float32) - 1) * 2 - 1
    across, down = (shares * torch.from_numpy(extent).float()).split(1, dim=1)
    right, below, forward = torch.from_numpy(cameras.model_from_cameras[index]).unbind(1)
    directions = forward + right * across + below * down
    directions = directions / directions.norm(dim=-1, keepdim=True)
    origins = torch.from_numpy(cameras.places_in_model[index]).expand_as(directions)
    return Rays(origins.to(device), directions.to(device))


def box_span(rays: Rays) -> tuple[Span, Tensor]:
    """Return the distances at which rays enter and leave the cube.

    Source: Kay and Kajiya 1986, slabs; the guards against division by zero and against grazing rays are those of
    openai/shap-e, shap_e/models/volume.py.

    Returns:
        span: distances; undefined for rays that miss the cube.
        is_hit: (R,) bool.
    """
    steps = rays.directions + torch.where(rays.directions < 0, -EPSILON, EPSILON)
    sides = torch.stack([(side - rays.origins) / steps for side in (-1.0, 1.0)])
    near = sides.amin(dim=0).amax(dim=1, keepdim=True).clamp(min=0.0)
    far = sides.amax(dim=0).amin(dim=1, keepdim=True)
    return Span(near, far), (near + MIN_LENGTH < far)[:, 0]
