# SPDX-License-Identifier: GPL-3.0-or-later
"""Solvers of the probability-flow ODE. Each yields its state after every step and needs only a denoiser.

Noise levels and step lengths are Python floats on the host, so no step synchronizes with the device. They are computed
from the same values and in the same precision as in the official sampler. Variable names follow Karras et al. 2022 and
k-diffusion.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from .denoiser import Denoiser


@dataclass(frozen=True)
class SolverState:
    """State of a run after one step.

    Attributes:
        index: step number, from 0.
        total: number of steps in the run.
        sigma: noise level at the start of the step, before churn.
        x: (B, ...) float32, the sample at the noise level where the step ended.
        denoised: (B, ...) float32, the network's estimate of the clean sample, made at the start of the step.
        x_hat: (B, ...) float32, the sample at the start of the step, churn noise included.
        notice: a sentence for the user if the run could not continue as requested.
    """

    index: int
    total: int
    sigma: float
    x: Tensor
    denoised: Tensor
    x_hat: Tensor
    notice: str | None = None


class HeunSigmas(NamedTuple):
    """Noise levels of one Heun step, float32 values.

    Attributes:
        sigma: level at the start of the step.
        sigma_hat: level after churn has added noise.
        noise_std: standard deviation of that noise.
        dt: sigma_next - sigma_hat, negative.
        sigma_next: level at the end of the step.
    """

    sigma: float
    sigma_hat: float
    noise_std: float
    dt: float
    sigma_next: float


def heun_sigmas(sigmas: np.ndarray, churn: float) -> list[HeunSigmas]:
    """Return the levels of every step between noise levels (n + 1,) float32, with the churn spread over the n steps."""
    gamma = np.float32(1.0 + min(churn / (len(sigmas) - 1), math.sqrt(2) - 1))
    sigma, sigma_next = sigmas[:-1], sigmas[1:]
    sigma_hat = sigma * gamma
    noise_std = np.sqrt(sigma_hat * sigma_hat - sigma * sigma)
    columns = sigma, sigma_hat, noise_std, sigma_next - sigma_hat, sigma_next
    return [HeunSigmas(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def heun_step(denoise: Denoiser, x_hat: Tensor, level: HeunSigmas) -> tuple[Tensor, Tensor]:
    """Take one step from x_hat, (B, ...) float32 at noise level sigma_hat; the step to zero noise is Euler's.

    Returns:
        (x at sigma_next, the denoised estimate at sigma_hat), both (B, ...) float32.
    """
    denoised = denoise(x_hat, level.sigma_hat)
    d = (x_hat - denoised) / level.sigma_hat
    x_euler = torch.add(x_hat, d, alpha=level.dt)
    if level.sigma_next == 0:
        return x_euler, denoised
    d_prime = (x_euler - denoise(x_euler, level.sigma_next)) / level.sigma_next
    return torch.add(x_hat, d + d_prime, alpha=0.5 * level.dt), denoised


@torch.no_grad()
def heun(
    denoise: Denoiser,
    x: Tensor,
    sigmas: np.ndarray,
    churn: float = 0.0,
    noise: Callable[[Tensor], Tensor] = torch.randn_like,
) -> Iterator[SolverState]:
    """Solve in second-order steps with optional churn: 2 n - 1 evaluations for n steps.

    Args:
        denoise: (x, sigma) -> denoised x.
        x: (B, ...) float32, standard normal noise times sigmas[0].
        sigmas: (n + 1,) float32, descending, ending in 0.
        churn: total amount of fresh noise over all steps (S_churn).
        noise: draws noise shaped like its argument; called once per step even without churn, as in the official
            sampler, so that a seed means the same. See `Noise`.

    Source: Karras et al. 2022, algorithm 2.
    """
    levels = heun_sigmas(sigmas, churn)
    for index, level in enumerate(levels):
        epsilon = noise(x if churn > 0 else torch.empty_like(x, device="cpu"))  # what nobody needs stays on the CPU
        x_hat = torch.add(x, epsilon, alpha=level.noise_std) if churn > 0 else x
        x, denoised = heun_step(denoise, x_hat, level)
        yield SolverState(index, len(levels), level.sigma, x, denoised, x_hat)


@torch.no_grad()
def euler(denoise: Denoiser, x: Tensor, sigmas: np.ndarray) -> Iterator[SolverState]:
    """Solve in first-order steps without fresh noise: n evaluations for n steps, the choice for very few of them.

    Args:
        denoise: (x, sigma) -> denoised x.
        x: (B, ...) float32, standard normal noise times sigmas[0].
        sigmas: (n + 1,) float32, descending, ending in 0.

    Source: Karras et al. 2022, algorithm 1, without the correction.
    """
    for index, (sigma, sigma_next) in enumerate(zip(sigmas[:-1].tolist(), sigmas[1:].tolist(), strict=True)):
        x_hat, denoised = x, denoise(x, sigma)
        x = torch.lerp(denoised, x, sigma_next / sigma)
        yield SolverState(index, len(sigmas) - 1, sigma, x, denoised, x_hat)


@torch.no_grad()
def dpm_solver_2m(denoise: Denoiser, x: Tensor, sigmas: np.ndarray) -> Iterator[SolverState]:
    """Solve in second-order multistep steps on the data prediction, without fresh noise: n evaluations for n steps.

    Args:
        denoise: (x, sigma) -> denoised x.
        x: (B, ...) float32, standard normal noise times sigmas[0].
        sigmas: (n + 1,) float32, descending, ending in 0.

    Source: Lu et al. 2022 (DPM-Solver++), algorithm 2, in the variance-exploding parametrization.
    """
    old_denoised: Tensor | None = None
    h_last = 1.0
    for index, (sigma, sigma_next) in enumerate(zip(sigmas[:-1].tolist(), sigmas[1:].tolist(), strict=True)):
        x_hat, denoised = x, denoise(x, sigma)
        if sigma_next == 0:
            x = denoised
        else:
            h = math.log(sigma / sigma_next)
            extrapolated = denoised
            if old_denoised is not None:
                extrapolated = torch.lerp(old_denoised, denoised, 1 + h / (2 * h_last))
            x = torch.lerp(extrapolated, x, sigma_next / sigma)
            old_denoised, h_last = denoised, h
        yield SolverState(index, len(sigmas) - 1, sigma, x, denoised, x_hat)
