# SPDX-License-Identifier: GPL-3.0-or-later
"""Noise schedules: how much signal is left at each of T timesteps, and which noise levels a sampler visits.

What the official samplers compute in float32, this computes in float32: the timestep is a staircase, so the last bit of
a noise level can decide which stair the network sees.
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
    """Source: Nichol and Dhariwal 2021, equation 17, s = 0.008."""
    return math.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2


def betas_of_alpha_bar(alpha_bar: Callable[[float], float], timesteps: int) -> np.ndarray:
    """[T] float64: beta_i = 1 - alpha_bar((i+1)/T) / alpha_bar(i/T), at most 0.999.

    Source: Nichol and Dhariwal 2021, section 3.2.
    """
    edges = np.array([alpha_bar(i / timesteps) for i in range(timesteps + 1)])
    return np.minimum(1.0 - edges[1:] / edges[:-1], 0.999)


def linear_betas(timesteps: int) -> np.ndarray:
    """[T] float64: 1e-4 to 0.02, scaled so that the whole is the same for any T. Source: Ho et al. 2020, section 4."""
    scale = 1000 / timesteps
    return np.linspace(scale * 1e-4, scale * 0.02, timesteps)


BETAS = {
    "exp": lambda timesteps: betas_of_alpha_bar(exponential_alpha_bar, timesteps),
    "cosine": lambda timesteps: betas_of_alpha_bar(cosine_alpha_bar, timesteps),
    "linear": linear_betas,
}


@dataclass(frozen=True)
class Schedule:
    """A named noise schedule of `timesteps` steps: "exp" (Shap-E), "cosine" or "linear" (Point-E)."""

    name: str
    timesteps: int = 1024

    @cached_property
    def alphas_cumprod(self) -> np.ndarray:
        """[T] float64: the share of signal variance left at each timestep, falling."""
        return np.cumprod(1.0 - BETAS[self.name](self.timesteps))

    @cached_property
    def _rising(self) -> tuple[np.ndarray, np.ndarray]:
        """(alphas_cumprod from the last timestep to the first, those timesteps)."""
        return self.alphas_cumprod[::-1].copy(), np.arange(self.timesteps)[::-1].copy()

    def timestep(self, sigma: float) -> int:
        """The whole timestep the network is told at noise level sigma, clamped to the schedule's ends.

        The official samplers round down, so the network sees a staircase; so does this.
        """
        level = np.float32(sigma)
        alpha_bar = np.float32(1.0) / (level * level + np.float32(1.0))
        return int(np.interp(alpha_bar, *self._rising))

    def clean_factors(self, t: int) -> tuple[float, float]:
        """(a, b), float32 values: clean = a x_scaled - b noise, with x_scaled of unit variance at timestep t."""
        inverse = 1.0 / self.alphas_cumprod[t]
        return float(np.float32(np.sqrt(inverse))), float(np.float32(np.sqrt(inverse - 1.0)))


def unit_variance_scale(sigma: float) -> float:
    """What a noisy x is multiplied by before the network sees it: 1 / sqrt(sigma^2 + 1), a float32 value."""
    level = np.float32(sigma)
    return float(np.float32(1.0) / np.sqrt(level * level + np.float32(1.0)))


def karras_sigmas(steps: int, sigma_min: float, sigma_max: float, rho: float = 7.0) -> np.ndarray:
    """[steps + 1] float32 noise levels, falling, with a closing 0. Source: Karras et al. 2022, equation 5."""
    low, high = sigma_min ** (1 / rho), sigma_max ** (1 / rho)
    levels = (high + torch.linspace(0, 1, steps, dtype=torch.float32) * (low - high)) ** rho
    return np.append(levels.numpy(), np.float32(0.0))
