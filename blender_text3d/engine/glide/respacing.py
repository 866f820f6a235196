# SPDX-License-Identifier: GPL-3.0-or-later
"""Noise schedules of which a sampler takes a part of the steps.

Source: Nichol and Dhariwal 2021, section 4 (respacing); names of schedules and spacings as in openai/glide-text2im.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..diffusion.schedule import BETAS

TIMESTEPS = 1000
SCHEDULES = {"squaredcos_cap_v2": "cosine", "linear": "linear"}
"""The engine's name of each schedule."""


def spaced_timesteps(spacing: str, timesteps: int = TIMESTEPS) -> list[int]:
    """Return the ascending timesteps of a spacing.

    Args:
        spacing: numbers of steps in equal sections of the schedule, as "10,10,3,2,2"; "fast27", the same with another
            last step; "ddim25" for 25 equal strides from 0; "" for all timesteps.
        timesteps: length of the schedule.

    Raises:
        ValueError: the schedule cannot be divided so.
    """
    if not spacing:
        return list(range(timesteps))
    if spacing == "fast27":
        return [*spaced_timesteps("10,10,3,2,2", timesteps)[:-1], timesteps - 3]
    if spacing.startswith("ddim"):
        return _equal_strides(int(spacing.removeprefix("ddim")), timesteps)
    counts = [int(count) for count in spacing.split(",")]
    size, longer = divmod(timesteps, len(counts))
    sizes = [size + (index < longer) for index in range(len(counts))]
    starts = np.cumsum([0, *sizes]).tolist()
    sections = zip(starts, sizes, counts, strict=False)
    return [start + step for start, size, count in sections for step in _even_strides(count, size)]


def _equal_strides(count: int, timesteps: int) -> list[int]:
    for stride in range(1, timesteps):
        if len(taken := range(0, timesteps, stride)) == count:
            return list(taken)
    raise ValueError(f"{timesteps} steps have no {count} with an equal stride.")


def _even_strides(count: int, size: int) -> Iterator[int]:
    """Yield steps from the first to the last of a section; the stride is added up, as its rounding decides ties."""
    if count > size:
        raise ValueError(f"A section of {size} steps cannot give {count}.")
    stride = (size - 1) / (count - 1) if count > 1 else 1.0
    position = 0.0
    for _ in range(count):
        yield round(position)
        position += stride


@dataclass(frozen=True)
class RespacedSchedule:
    """Some timesteps of a schedule as a process of their own. Index 0 is the last step of a sampler.

    Attributes:
        name: "squaredcos_cap_v2" or "linear".
        spacing: the timesteps to take, see `spaced_timesteps`.
        schedule_timesteps: length of the schedule.
    """

    name: str
    spacing: str = ""
    schedule_timesteps: int = TIMESTEPS

    @cached_property
    def timesteps(self) -> list[int]:
        """The timesteps that the network gets, ascending."""
        return spaced_timesteps(self.spacing, self.schedule_timesteps)

    @cached_property
    def betas(self) -> np.ndarray:
        """Variance of the noise that each step adds, (n,) float64."""
        kept = np.cumprod(1.0 - BETAS[SCHEDULES[self.name]](self.schedule_timesteps))[self.timesteps]
        return 1.0 - kept / np.append(1.0, kept[:-1])

    @cached_property
    def alphas_cumprod(self) -> np.ndarray:
        """The share of signal variance left at each step, (n,) float64, descending."""
        return np.cumprod(1.0 - self.betas)

    @cached_property
    def alphas_cumprod_prev(self) -> np.ndarray:
        """The same after the sampler's step, (n,) float64; 1 for the last."""
        return np.append(1.0, self.alphas_cumprod[:-1])

    @cached_property
    def posterior_log_variance_clipped(self) -> np.ndarray:
        """Logarithm of the smallest variance of a step, (n,) float64; the last step has none and takes its neighbor's.

        Source: Ho et al. 2020, equation 7.
        """
        variance = self.betas * (1.0 - self.alphas_cumprod_prev) / (1.0 - self.alphas_cumprod)
        return np.log(np.append(variance[1:2], variance[1:]))

    @cached_property
    def posterior_mean_coef1(self) -> np.ndarray:
        """Factor of the clean picture in a step's mean, (n,) float64. Source: Ho et al. 2020, equation 7."""
        return self.betas * np.sqrt(self.alphas_cumprod_prev) / (1.0 - self.alphas_cumprod)

    @cached_property
    def posterior_mean_coef2(self) -> np.ndarray:
        """Factor of the noisy picture in a step's mean, (n,) float64. Source: Ho et al. 2020, equation 7."""
        return (1.0 - self.alphas_cumprod_prev) * np.sqrt(1.0 - self.betas) / (1.0 - self.alphas_cumprod)
