# SPDX-License-Identifier: GPL-3.0-or-later
"""Noise schedules: how much signal is left at each of T timesteps, and which noise levels a sampler visits."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np


def exponential_alpha_bar(u: np.ndarray) -> np.ndarray:
    """Shap-E's schedule: alpha_bar(u) = exp(-12 u), u from 0 to 1."""
    return np.exp(-12.0 * u)


def cosine_alpha_bar(u: np.ndarray) -> np.ndarray:
    """Source: Nichol and Dhariwal 2021, equation 17, s = 0.008."""
    return np.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2


def betas_of_alpha_bar(alpha_bar, timesteps: int) -> np.ndarray:
    """[T] float64: beta_i = 1 - alpha_bar((i+1)/T) / alpha_bar(i/T), at most 0.999.

    Source: Nichol and Dhariwal 2021, section 3.2.
    """
    edges = alpha_bar(np.arange(timesteps + 1) / timesteps)
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

    def timestep(self, sigma: float) -> int:
        """The whole timestep the network is told at noise level sigma, clamped to the schedule's ends.

        The official samplers round down, so the network sees a staircase; so does this.
        """
        alpha_bar = 1.0 / (sigma**2 + 1.0)
        return int(np.interp(alpha_bar, self.alphas_cumprod[::-1], np.arange(self.timesteps)[::-1]))


def karras_sigmas(steps: int, sigma_min: float, sigma_max: float, rho: float = 7.0) -> np.ndarray:
    """[steps + 1] float32 noise levels, falling, with a closing 0. Source: Karras et al. 2022, equation 5."""
    ramp = np.linspace(0.0, 1.0, steps)
    low, high = sigma_min ** (1 / rho), sigma_max ** (1 / rho)
    return np.append((high + ramp * (low - high)) ** rho, 0.0).astype(np.float32)
