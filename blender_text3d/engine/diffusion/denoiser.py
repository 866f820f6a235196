# SPDX-License-Identifier: GPL-3.0-or-later
"""A network, a schedule and a guidance scale combined into one function: (noisy x, sigma) -> denoised x.

Noise levels are Python floats on the host, never tensors, so nothing here synchronizes with the device.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from .cuda_graph import graphed
from .schedule import Schedule, unit_variance_scale

Denoiser = Callable[[Tensor, float], Tensor]
MeanType = Literal["x_start", "epsilon", "v"]
UNGUIDED = (0.0, 1.0)
"""Guidance scales that evaluate the conditional half alone, as in the official samplers."""


def denoised_from_output(output: Tensor, x_scaled: Tensor, factors: tuple[float, float], mean_type: MeanType) -> Tensor:
    """Return the denoised x that a network's output implies.

    Args:
        output: (B, ...) float32, the network's mean.
        x_scaled: (B, ...) float32, sqrt(alpha_bar) * clean x + sqrt(1 - alpha_bar) * noise.
        factors: the timestep's factors from `Schedule.denoised_factors`.
        mean_type: the quantity the network was trained to predict.

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
    """Return a denoiser with classifier-free guidance; both halves run as one batch and are clamped to [-1, 1].

    Args:
        network: (x_scaled, timesteps, *conditions) -> output whose first channels are the mean.
        schedule: maps noise levels to timesteps.
        mean_type: the quantity the network predicts.
        condition: one or several tensors (B, ...), or none; the unconditional half gets zeros in place of each, a
            coarse cloud's channels included, as in the official sampler.
        guidance: scale; 0 or 1 evaluates the conditional half alone.
        clamp: True to clamp each half; the guided sum is never clamped.
        precision: dtype of the network; everything around it is float32.

    Returns:
        (x (B, C, ...) float32, sigma) -> denoised x of the same shape.

    Source: Ho and Salimans 2022, equation 6.
    """
    conditions = tuple(c.to(precision) for c in ((condition,) if isinstance(condition, Tensor) else condition))
    is_guided = guidance not in UNGUIDED
    if is_guided:
        conditions = tuple(torch.cat([value, torch.zeros_like(value)]) for value in conditions)

    evaluate = graphed(network)

    def denoise(x: Tensor, sigma: float) -> Tensor:
        t = schedule.timestep(sigma)
        scaled = x * unit_variance_scale(sigma)
        scaled = torch.cat([scaled, scaled]) if is_guided else scaled
        timesteps = torch.full((len(scaled),), t, device=x.device)
        output = evaluate(scaled.to(precision), timesteps, *conditions)[:, : x.shape[1]].to(x.dtype)
        denoised = denoised_from_output(output, scaled, schedule.denoised_factors(t), mean_type)
        denoised = denoised.clamp(-1.0, 1.0) if clamp else denoised
        if not is_guided:
            return denoised
        conditional, unconditional = denoised.chunk(2)
        return unconditional + guidance * (conditional - unconditional)

    return denoise
