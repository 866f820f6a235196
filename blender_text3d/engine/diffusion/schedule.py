# SPDX-License-Identifier: GPL-3.0-or-later
"""Noise schedules: how much signal is left at each of T timesteps, and the noise levels that a sampler visits.

Values that the official samplers compute in float32 are computed in float32 here: timesteps are integers, so the last
bit of a noise level can decide which one the network gets.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch


def exponential_alpha_bar(u: float) -> float:
    """Shap-E's schedule: alpha_bar(u) = exp(-12 u), u from 0 to 1."""
    return math.exp(-12.0 * u)


def cosine_alpha_bar(u: float) -> float:
    """The cosine schedule, u from 0 to 1. Source: Nichol and Dhariwal 2021, equation 17, s = 0.008."""
    return math.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2


def betas_for_alpha_bar(alpha_bar: Callable[[float], float], timesteps: int) -> np.ndarray:
    """Return (T,) float64: beta_i = 1 - alpha_bar((i+1)/T) / alpha_bar(i/T), at most 0.999.

    Source: Nichol and Dhariwal 2021, section 3.2.
    """
    edges = np.array([alpha_bar(i / timesteps) for i in range(timesteps + 1)])
    return np.minimum(1.0 - edges[1:] / edges[:-1], 0.999)


def linear_betas(timesteps: int) -> np.ndarray:
    """Return (T,) float64: 1e-4 to 0.02, scaled so that the total noise is the same for any T.

    Source: Ho et al. 2020, section 4.
    """
    scale = 1000 / timesteps
    return np.linspace(scale * 1e-4, scale * 0.02, timesteps)


def inverse_parabola_betas(timesteps: int, power: float = 5.0) -> np.ndarray:
    """Return (T,) float64: the noise that Shap-E's encoder is trained to bear, alpha_bar(u) = 1 - u^power.

    Source: the official transmitter_config.yaml (published SHA-256 ffe1bcb4), whose power is 5.
    """
    return betas_for_alpha_bar(lambda u: 1.0 - u**power, timesteps)


BETAS: dict[str, Callable[[int], np.ndarray]] = {
    "exp": lambda timesteps: betas_for_alpha_bar(exponential_alpha_bar, timesteps),
    "cosine": lambda timesteps: betas_for_alpha_bar(cosine_alpha_bar, timesteps),
    "linear": linear_betas,
    "inv_parabola": inverse_parabola_betas,
}


@dataclass(frozen=True)
class Schedule:
    """A named noise schedule of `timesteps` steps: "exp" (Shap-E), "cosine" or "linear" (Point-E)."""

    name: str
    timesteps: int = 1024

    @cached_property
    def alphas_cumprod(self) -> np.ndarray:
        """The share of signal variance left at each timestep, (T,) float64, descending."""
        return np.cumprod(1.0 - BETAS[self.name](self.timesteps))

    @cached_property
    def _ascending(self) -> tuple[np.ndarray, np.ndarray]:
        """(alphas_cumprod from the last timestep to the first, those timesteps)."""
        return self.alphas_cumprod[::-1].copy(), np.arange(self.timesteps)[::-1].copy()

    def timestep(self, sigma: float) -> int:
        """Return the timestep the network gets at noise level sigma, clamped to the schedule's ends.

        It is rounded down, as in the official samplers.
        """
        level = np.float32(sigma)
        alpha_bar = np.float32(1.0) / (level * level + np.float32(1.0))
        return int(np.interp(alpha_bar, *self._ascending))

    def denoised_factors(self, t: int) -> tuple[float, float]:
        """Return (a, b), float32 values: denoised x = a x_scaled - b noise, with x_scaled of unit variance at t."""
        inverse = 1.0 / self.alphas_cumprod[t]
        return float(np.float32(np.sqrt(inverse))), float(np.float32(np.sqrt(inverse - 1.0)))


def unit_variance_scale(sigma: float) -> float:
    """Return the factor of a noisy x before it goes into the network: 1 / sqrt(sigma^2 + 1), a float32 value."""
    level = np.float32(sigma)
    return float(np.float32(1.0) / np.sqrt(level * level + np.float32(1.0)))


FEW_STEPS_HIGH, FEW_STEPS_LOW = 7.0, 0.08
"""Where a run of a few first-order steps spends them. Above, the estimate hardly depends on the level, so one step
suffices; below, it still sharpens, but no longer moves."""


DISTILLED_SIGMAS = {4: (160.0, 6.921, 1.601, 0.251), 2: (160.0, 2.7)}
"""Number of steps -> the noise levels that the weights for it were trained for: distilled ones in
`scripts.training.train.distilled_shap_e`, those of drafts in `draft_shap_e`."""


DISTILLED_NOISE = 1.05
"""Standard deviation of the noise that Shap-E's distilled weights begin with.

It is that of the noise which the prior makes of real latents, see `scripts.training.data.inverted_runs`. With more,
seeds differ more, and fewer objects are right.
"""


def distilled_sigmas(steps: int) -> np.ndarray:
    """Return the noise levels of the distilled weights, float32, descending, with a final 0."""
    return np.array([*DISTILLED_SIGMAS[steps], 0.0], np.float32)


def few_step_sigmas(steps: int, sigma_max: float) -> np.ndarray:
    """Return (steps + 1,) float32 noise levels, descending, with a final 0: sigma_max, then a geometric series.

    Tuned for the latents of the small Shap-E, whose scale is 1.
    """
    series = np.geomspace(FEW_STEPS_HIGH, FEW_STEPS_LOW, max(steps - 1, 1))[: steps - 1]
    return np.array([sigma_max, *series, 0.0], np.float32)


def karras_sigmas(steps: int, sigma_min: float, sigma_max: float, rho: float = 7.0) -> np.ndarray:
    """Return (steps + 1,) float32 noise levels, descending, with a final 0. Source: Karras et al. 2022, equation 5."""
    low, high = sigma_min ** (1 / rho), sigma_max ** (1 / rho)
    levels = (high + torch.linspace(0, 1, steps, dtype=torch.float32) * (low - high)) ** rho
    return np.append(levels.numpy(), np.float32(0.0))
