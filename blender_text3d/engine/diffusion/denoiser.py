# SPDX-License-Identifier: GPL-3.0-or-later
"""A network, a schedule and a guidance scale become one function: (noisy x, sigma) -> clean x.

Noise levels are numbers on the host, never tensors, so nothing here waits for the device.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from .cuda_graph import CudaGraphed
from .schedule import Schedule, unit_variance_scale

Denoiser = Callable[[Tensor, float], Tensor]
MeanType = Literal["x_start", "epsilon", "v"]
UNGUIDED = (0.0, 1.0)
"""Guidance scales that run the conditional half alone, as in the official samplers."""


def clean_from_output(output: Tensor, x_scaled: Tensor, factors: tuple[float, float], mean_type: MeanType) -> Tensor:
    """What the network's output says the clean x is.

    Args:
        output: the network's mean, same shape as x.
        x_scaled: sqrt(alpha_bar) * clean + sqrt(1 - alpha_bar) * noise.
        factors: of the timestep, as `Schedule.clean_factors` gives them.
        mean_type: what the network was trained to put out.

    Source: Ho et al. 2020, equation 15; v from Salimans and Ho 2022, appendix D.
    """
    if mean_type == "x_start":
        return output
    by_x, by_noise = factors
    if mean_type == "v":
        return x_scaled / by_x - output * (by_noise / by_x)
    return by_x * x_scaled - by_noise * output


def guided_denoiser(
    network: Callable[..., Tensor],
    schedule: Schedule,
    mean_type: MeanType,
    condition: Tensor | Sequence[Tensor],
    guidance: float,
    clamp: bool = True,
    precision: torch.dtype = torch.float32,
) -> Denoiser:
    """A denoiser with classifier-free guidance; both halves run as one batch, and each is clamped to [-1, 1].

    Args:
        network: (x_scaled, t, *conditions) -> output whose first channels are the mean.
        schedule: turns noise levels into timesteps.
        mean_type: what the network puts out.
        condition: one or several (or none), [B, ...] each; zeros stand for no condition, so zeros are what the
            unconditional half gets of each, a coarse cloud's channels included, as in the official sampler.
        guidance: 0 or 1 runs the conditional half alone.
        clamp: whether a half is clamped; the guided sum never is.
        precision: of the network; all around it is float32.

    Returns:
        (x [B, C...], sigma) -> clean x of the same shape.

    Source: Ho and Salimans 2022, equation 6.
    """
    given = tuple(c.to(precision) for c in ((condition,) if isinstance(condition, Tensor) else condition))
    guided = guidance not in UNGUIDED
    if guided:
        given = tuple(torch.cat([value, torch.zeros_like(value)]) for value in given)

    replayed = CudaGraphed(network)

    def denoise(x: Tensor, sigma: float) -> Tensor:
        t = schedule.timestep(sigma)
        scaled = x * unit_variance_scale(sigma)
        scaled = torch.cat([scaled, scaled]) if guided else scaled
        told = torch.full((len(scaled),), t, device=x.device)
        output = replayed(scaled.to(precision), told, *given)[:, : x.shape[1]].to(x.dtype)
        clean = clean_from_output(output, scaled, schedule.clean_factors(t), mean_type)
        clean = clean.clamp(-1.0, 1.0) if clamp else clean
        if not guided:
            return clean
        conditional, unconditional = clean.chunk(2)
        return unconditional + guidance * (conditional - unconditional)

    return denoise
