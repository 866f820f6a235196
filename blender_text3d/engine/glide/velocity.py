# SPDX-License-Identifier: GPL-3.0-or-later
"""Velocity of a noisy picture, which a small network learns faster than its noise.

At high noise levels the picture is a small difference of large numbers if it is computed from the noise, but not if it
is computed from the velocity.

Source: Salimans and Ho 2022, appendix D.
"""

from functools import lru_cache

import torch
from torch import Tensor

from .configs import PICTURE_CHANNELS
from .qualities import BASE_SCHEDULE
from .respacing import RespacedSchedule

ALPHAS_CUMPROD = RespacedSchedule(BASE_SCHEDULE).alphas_cumprod


def noise_of_velocity(output: Tensor, x: Tensor, t: Tensor) -> Tensor:
    """Return an output with the noise in place of the velocity: alpha v + sigma x.

    Args:
        output: (B, 6, H, W) float32, whose first three channels are the velocity.
        x: (B, 3, H, W) float32, the noisy picture.
        t: (B,) int64, timesteps of the 1,000.
    """
    alpha, sigma = (values[:, None, None, None] for values in signal_and_noise(t))
    velocity, variance = output[:, :PICTURE_CHANNELS], output[:, PICTURE_CHANNELS:]
    return torch.cat([alpha * velocity + sigma * x, variance], dim=1)


def signal_and_noise(t: Tensor) -> tuple[Tensor, Tensor]:
    """Return the factors of the picture and of the noise at timesteps (B,) int64, (B,) float32 each."""
    signal, noise = _factors(t.device)
    return signal[t], noise[t]


@lru_cache(maxsize=4)
@torch.inference_mode(False)
def _factors(device: torch.device) -> tuple[Tensor, Tensor]:
    """Return both factors of all timesteps, (1000,) float32 each, computed in float64."""
    kept = torch.from_numpy(ALPHAS_CUMPROD)
    return kept.sqrt().float().to(device), (1 - kept).sqrt().float().to(device)
