# SPDX-License-Identifier: GPL-3.0-or-later
"""One step of the original's samplers. Coefficients are computed in float64 and used in float32.

In the arguments, `output` is a network's (B, 6, H, W) float32, `x` the noisy picture (B, 3, H, W) float32 and `index` a
step of the respaced schedule, of which 0 is the last.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .configs import PICTURE_CHANNELS
from .respacing import RespacedSchedule


def guided(output: Tensor, scale: float) -> Tensor:
    """Return the output of both halves, (2 B, 6, H, W) float32, the conditional one first, with guided noise.

    Each half keeps its own variance.

    Source: Ho and Salimans 2022, equation 6, for the noise; Nichol et al. 2021 (GLIDE), equation 7.
    """
    noise, variance = output[:, :PICTURE_CHANNELS], output[:, PICTURE_CHANNELS:]
    conditional, unconditional = noise.chunk(2)
    combined = unconditional + scale * (conditional - unconditional)
    return torch.cat([torch.cat([combined, combined]), variance], dim=1)


def guided_half(output: Tensor, scale: float) -> Tensor:
    """Return the conditional half of `guided`, (B, 6, H, W) float32, which is all that samplers need."""
    conditional, unconditional = output[:, :PICTURE_CHANNELS].chunk(2)
    combined = torch.add(unconditional, conditional - unconditional, alpha=scale)
    return torch.cat([combined, output[: len(combined), PICTURE_CHANNELS:]], dim=1)


@dataclass(frozen=True)
class Posterior:
    """Distribution of the picture after a step, (B, 3, H, W) float32 each.

    Attributes:
        pred_xstart: estimate of the clean picture.
        mean: mean.
        log_variance: logarithm of the variance.
    """

    pred_xstart: Tensor
    mean: Tensor
    log_variance: Tensor


def predicted_start(output: Tensor, x: Tensor, schedule: RespacedSchedule, index: int, clamp: bool = True) -> Tensor:
    """Return the clean picture that the noise implies, (B, 3, H, W) float32, clamped to [-1, 1] if asked.

    Source: Ho et al. 2020, equation 15.
    """
    by_x, by_noise = _start_factors(schedule, index)
    start = torch.sub(by_x * x, output[:, :PICTURE_CHANNELS], alpha=by_noise)
    return start.clamp(-1.0, 1.0) if clamp else start


def posterior(output: Tensor, x: Tensor, schedule: RespacedSchedule, index: int, clamp: bool = True) -> Posterior:
    """Return the distribution of the next picture; the network chooses its variance between two bounds.

    Source: Ho et al. 2020, equation 7; Nichol and Dhariwal 2021, equation 15.
    """
    start = predicted_start(output, x, schedule, index, clamp)
    by_start, by_x = schedule.posterior_mean_coef1[index], schedule.posterior_mean_coef2[index]
    mean = torch.add(_float32(by_start) * start, x, alpha=_float32(by_x))
    smallest, largest = schedule.posterior_log_variance_clipped[index], math.log(schedule.betas[index])
    middle, reach = (largest + smallest) / 2, (largest - smallest) / 2  # the network's fraction goes from -1 to 1
    return Posterior(start, mean, output[:, PICTURE_CHANNELS:] * _float32(reach) + _float32(middle))


def ddpm_step(distribution: Posterior, noise: Tensor, index: int) -> Tensor:
    """Draw the next picture, (B, 3, H, W) float32; the last step adds no noise.

    Source: Ho et al. 2020, algorithm 2.
    """
    if index == 0:
        return distribution.mean
    return torch.addcmul(distribution.mean, torch.exp(0.5 * distribution.log_variance), noise)


def ddim_step(
    start: Tensor, x: Tensor, schedule: RespacedSchedule, index: int, noise: Tensor, eta: float = 0.0
) -> Tensor:
    """Return the next picture, (B, 3, H, W) float32, of the clean one that is predicted, `start`.

    Args:
        noise: used unless eta is 0 or the step is the last.
        eta: share of fresh noise; 0 makes the step deterministic.

    Source: Song et al. 2020 (DDIM), equations 12 and 16.
    """
    by_x, by_noise = _start_factors(schedule, index)
    epsilon = (by_x * x - start) / by_noise
    now, later = float(schedule.alphas_cumprod[index]), float(schedule.alphas_cumprod_prev[index])
    sigma = eta * math.sqrt((1 - later) / (1 - now)) * math.sqrt(1 - now / later)
    mean = torch.add(_float32(math.sqrt(later)) * start, epsilon, alpha=_float32(math.sqrt(1 - later - sigma**2)))
    return mean + _float32(sigma) * noise if sigma and index else mean


def _start_factors(schedule: RespacedSchedule, index: int) -> tuple[float, float]:
    """Return (a, b), float32 values: the clean picture is a x - b noise."""
    alpha_bar = float(schedule.alphas_cumprod[index])
    return _float32(math.sqrt(1 / alpha_bar)), _float32(math.sqrt(1 / alpha_bar - 1))


def _float32(value: float) -> float:
    return torch.tensor(value, dtype=torch.float32).item()
