# SPDX-License-Identifier: GPL-3.0-or-later
"""A network, a schedule and a guidance scale combined into one function: (noisy x, sigma) -> denoised x.

Noise levels are Python floats on the host, never tensors, so nothing here synchronizes with the device.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from ..cuda_graphs import graphed
from .schedule import Schedule, unit_variance_scale

Denoiser = Callable[[Tensor, float], Tensor]
MeanType = Literal["x_start", "epsilon", "v"]
UNGUIDED = (0.0, 1.0)
"""Guidance scales that evaluate the conditional half alone, as in the official samplers."""


def denoised_from_output(output: Tensor, x_scaled: Tensor, factors: tuple[float, float], mean_type: MeanType) -> Tensor:
    """Return the denoised x that a network's output implies.

    Args:
        output: (B, ...) float, the network's mean, or several such batches for the same x.
        x_scaled: (B, ...) float32, sqrt(alpha_bar) * clean x + sqrt(1 - alpha_bar) * noise.
        factors: the timestep's factors from `Schedule.denoised_factors`.
        mean_type: the quantity the network was trained to predict.

    Source: Ho et al. 2020, equation 15; v from Salimans and Ho 2022, appendix D.
    """
    if mean_type == "x_start":
        return output.to(x_scaled.dtype)
    by_x, by_noise = factors
    if mean_type == "v":
        return torch.sub(x_scaled / by_x, output, alpha=by_noise / by_x)
    return torch.sub(by_x * x_scaled, output, alpha=by_noise)


class GuidedDenoiser:
    """A denoiser with classifier-free guidance: (x (B, C, ...) float32, sigma) -> denoised x of the same shape.

    Attributes:
        guidance: guidance scale.
        schedule: maps noise levels to timesteps.
        is_guided: False if the scale asks for the conditional half alone.
    """

    def __init__(
        self,
        network: Callable[..., Tensor],
        schedule: Schedule,
        mean_type: MeanType,
        conditions: tuple[Tensor, ...],
        guidance: float,
        clamp: bool = True,
        precision: torch.dtype = torch.float32,
    ) -> None:
        self.guidance, self.schedule = guidance, schedule
        self.is_guided = guidance not in UNGUIDED
        self._mean_type, self._clamp, self._precision = mean_type, clamp, precision
        self._conditions = conditions
        both = conditions if self.is_guided else ()
        self._conditions_of_halves = tuple(torch.cat([value, torch.zeros_like(value)]) for value in both)
        self._evaluate = graphed(network, precision)

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        """Return the guided estimate, or the conditional one if guidance is off."""
        if not self.is_guided:
            return self.conditional(x, sigma)
        conditional, unconditional = self.halves(x, sigma)
        return torch.add(unconditional, conditional - unconditional, alpha=self.guidance)

    def conditional(self, x: Tensor, sigma: float) -> Tensor:
        """Return the estimate with the condition, of one evaluation of the network."""
        return self._denoised(x, sigma, self._conditions, 1)[0]

    def halves(self, x: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        """Return the estimates with and without the condition, which run as one batch."""
        conditional, unconditional = self._denoised(x, sigma, self._conditions_of_halves, 2)
        return conditional, unconditional

    def _denoised(self, x: Tensor, sigma: float, conditions: tuple[Tensor, ...], copies: int) -> Tensor:
        """Return the estimates (copies, B, ...) float32 for conditions of as many copies of x, one after the other."""
        scaled, t = x * unit_variance_scale(sigma), self.schedule.timestep(sigma)
        rows = scaled.expand(copies, *scaled.shape)
        rows = rows.to(self._precision, memory_format=torch.contiguous_format).flatten(0, 1)
        timesteps = torch.full((len(rows),), t, device=x.device)
        output = self._evaluate(rows, timesteps, *conditions)
        mean = output[:, : x.shape[1]].unflatten(0, (copies, -1))
        denoised = denoised_from_output(mean, scaled, self.schedule.denoised_factors(t), self._mean_type)
        return denoised.clamp(-1.0, 1.0) if self._clamp else denoised


def guided_denoiser(
    network: Callable[..., Tensor],
    schedule: Schedule,
    mean_type: MeanType,
    condition: Tensor | Sequence[Tensor],
    guidance: float,
    clamp: bool = True,
    precision: torch.dtype = torch.float32,
) -> GuidedDenoiser:
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

    Source: Ho and Salimans 2022, equation 6.
    """
    conditions = tuple(c.to(precision) for c in ((condition,) if isinstance(condition, Tensor) else condition))
    return GuidedDenoiser(network, schedule, mean_type, conditions, guidance, clamp, precision)
