# SPDX-License-Identifier: GPL-3.0-or-later
"""Solvers of the probability-flow equation. Each yields its state after every step and needs only a denoiser.

Noise levels and step lengths are numbers on the host, so no step waits for the device; what they are computed from and
in which precision is the official sampler's.
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
    """Where a solver stands after a step.

    Attributes:
        index: of the step, from 0.
        of: how many steps the run has.
        sigma: noise level at which the step began, before churn.
        x: [B, ...] at the noise level where the step ended.
        clean: the network's guess at the result, made where the step began.
        begun: x where the step began, churn's noise included.
        notice: a sentence for the user, where something did not go as asked.
    """

    index: int
    of: int
    sigma: float
    x: Tensor
    clean: Tensor
    begun: Tensor
    notice: str | None = None


class HeunLevel(NamedTuple):
    """Noise levels of one of `heun`'s steps, float32 values.

    Attributes:
        sigma: where the step begins.
        raised: where churn lifts it to.
        spread: deviation of the noise that does so.
        length: of the step, negative.
        following: where it ends.
    """

    sigma: float
    raised: float
    spread: float
    length: float
    following: float


def heun_levels(sigmas: np.ndarray, churn: float) -> list[HeunLevel]:
    """The levels of every step between noise levels [n + 1], for a churn spread over all of them."""
    gamma = np.float32(1.0 + min(churn / (len(sigmas) - 1), math.sqrt(2) - 1))
    begun = sigmas[:-1]
    raised = begun * gamma
    spread = np.sqrt(raised * raised - begun * begun)
    columns = begun, raised, spread, sigmas[1:] - raised, sigmas[1:]
    return [HeunLevel(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def heun_step(denoise: Denoiser, x: Tensor, level: HeunLevel) -> tuple[Tensor, Tensor]:
    """(x at the end of the step, the clean guess at its beginning), of x at the raised noise level.

    The step to zero noise is Euler's.
    """
    clean = denoise(x, level.raised)
    slope = (x - clean) / level.raised
    trial = x + slope * level.length
    if level.following == 0:
        return trial, clean
    slope_after = (trial - denoise(trial, level.following)) / level.following
    return x + 0.5 * (slope + slope_after) * level.length, clean


@torch.no_grad()
def heun(
    denoise: Denoiser,
    x: Tensor,
    sigmas: np.ndarray,
    churn: float = 0.0,
    noise: Callable[[Tensor], Tensor] = torch.randn_like,
) -> Iterator[SolverState]:
    """Second-order steps with optional churn: 2 n - 1 evaluations for n steps.

    Args:
        denoise: (x, sigma) -> clean x.
        x: start, noise times sigmas[0].
        sigmas: [n + 1] float32, falling, ending in 0.
        churn: how much fresh noise is added, over all steps.
        noise: draws noise shaped as its argument; called once a step even without churn, as the official sampler
            does, so that a seed means the same. See `Noise`.

    Source: Karras et al. 2022, algorithm 2.
    """
    levels = heun_levels(sigmas, churn)
    for index, level in enumerate(levels):
        fresh = noise(x)
        begun = x + fresh * level.spread if churn > 0 else x
        x, clean = heun_step(denoise, begun, level)
        yield SolverState(index, len(levels), level.sigma, x, clean, begun)


@torch.no_grad()
def dpm_solver_2m(denoise: Denoiser, x: Tensor, sigmas: np.ndarray) -> Iterator[SolverState]:
    """Multistep second-order steps in the data prediction, no fresh noise: n evaluations for n steps.

    Args:
        denoise: (x, sigma) -> clean x.
        x: start, noise times sigmas[0].
        sigmas: [n + 1] falling, ending in 0.

    Source: Lu et al. 2022 (DPM-Solver++), algorithm 2, in the variance-exploding parametrisation.
    """
    before, step_before = None, None
    for index, (sigma, following) in enumerate(zip(sigmas[:-1].tolist(), sigmas[1:].tolist(), strict=True)):
        begun, clean = x, denoise(x, sigma)
        if following == 0:
            x = clean
        else:
            step = math.log(sigma / following)
            blend = clean if before is None else clean + (clean - before) * (step / (2 * step_before))
            x = (following / sigma) * x - math.expm1(-step) * blend
            before, step_before = clean, step
        yield SolverState(index, len(sigmas) - 1, sigma, x, clean, begun)
