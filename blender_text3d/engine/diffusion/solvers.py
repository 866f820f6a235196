# SPDX-License-Identifier: GPL-3.0-or-later
"""Solvers of the probability-flow equation. Each yields its state after every step and needs only a denoiser."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .denoiser import Denoiser


@dataclass(frozen=True)
class SolverState:
    """Where a solver stands: `x` at noise level `sigma`, and the network's newest guess at the `clean` result."""

    index: int
    sigma: float
    x: Tensor
    clean: Tensor


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
        sigmas: [n + 1] falling, ending in 0.
        churn: how much fresh noise is added, over all steps.
        noise: draws noise shaped as its argument; called once a step even without churn, as the official sampler
            does, so that a seed means the same.

    Source: Karras et al. 2022, algorithm 2.
    """
    gamma = min(churn / (len(sigmas) - 1), math.sqrt(2) - 1)
    for index, (sigma, following) in enumerate(zip(sigmas[:-1].tolist(), sigmas[1:].tolist(), strict=True)):
        fresh = noise(x)
        raised = sigma * (1.0 + gamma)
        if gamma > 0:
            x = x + fresh * math.sqrt(raised**2 - sigma**2)
        clean = denoise(x, raised)
        slope = (x - clean) / raised
        trial = x + slope * (following - raised)
        if following > 0:
            slope_after = (trial - denoise(trial, following)) / following
            trial = x + 0.5 * (slope + slope_after) * (following - raised)
        x = trial
        yield SolverState(index, sigma, x, clean)


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
        clean = denoise(x, sigma)
        if following == 0:
            x = clean
        else:
            step = math.log(sigma / following)
            blend = clean if before is None else clean + (clean - before) * (step / (2 * step_before))
            x = (following / sigma) * x - math.expm1(-step) * blend
            before, step_before = clean, step
        yield SolverState(index, sigma, x, clean)
