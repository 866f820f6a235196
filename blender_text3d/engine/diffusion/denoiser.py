# SPDX-License-Identifier: GPL-3.0-or-later
"""A network, a schedule and a guidance scale become one function: (noisy x, sigma) -> clean x."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from .schedule import Schedule

Denoiser = Callable[[Tensor, float], Tensor]
MeanType = Literal["x_start", "epsilon", "v"]


def clean_from_output(output: Tensor, x_scaled: Tensor, alpha_bar: float, mean_type: MeanType) -> Tensor:
    """What the network's output says the clean x is.

    Args:
        output: the network's mean, same shape as x.
        x_scaled: sqrt(alpha_bar) * clean + sqrt(1 - alpha_bar) * noise.
        alpha_bar: share of signal variance at the timestep.
        mean_type: what the network was trained to put out.

    Source: Ho et al. 2020, equation 15; v from Salimans and Ho 2022, appendix D.
    """
    signal, noise = alpha_bar**0.5, (1.0 - alpha_bar) ** 0.5
    if mean_type == "x_start":
        return output
    if mean_type == "v":
        return signal * x_scaled - noise * output
    return (x_scaled - noise * output) / signal


def guided_denoiser(
    network: Callable[[Tensor, Tensor, Tensor], Tensor],
    schedule: Schedule,
    mean_type: MeanType,
    condition: Tensor,
    guidance: float,
) -> Denoiser:
    """A denoiser with classifier-free guidance; both halves run as one batch, and each is clamped to [-1, 1].

    Args:
        network: (x_scaled, t, condition) -> output whose first channels are the mean.
        schedule: turns noise levels into timesteps.
        mean_type: what the network puts out.
        condition: [B, K]; zeros stand for no condition.
        guidance: 0 or 1 runs the conditional half alone.

    Returns:
        (x [B, C...], sigma) -> clean x of the same shape.

    Source: Ho and Salimans 2022, equation 6.
    """
    guided = guidance not in (0.0, 1.0)
    both = torch.cat([condition, torch.zeros_like(condition)]) if guided else condition

    def denoise(x: Tensor, sigma: float) -> Tensor:
        t = schedule.timestep(sigma)
        scaled = x / (sigma**2 + 1.0) ** 0.5
        scaled = torch.cat([scaled, scaled]) if guided else scaled
        output = network(scaled, torch.full((len(scaled),), t, device=x.device), both)[:, : x.shape[1]]
        clean = clean_from_output(output, scaled, float(schedule.alphas_cumprod[t]), mean_type).clamp(-1.0, 1.0)
        if not guided:
            return clean
        conditional, unconditional = clean.chunk(2)
        return unconditional + guidance * (conditional - unconditional)

    return denoise
