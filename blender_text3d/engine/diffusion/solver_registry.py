# SPDX-License-Identifier: GPL-3.0-or-later
"""Solvers by name, and the fallback from the fast one to the official one."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..device import moved
from .denoiser import Denoiser
from .divergence import DivergenceMonitor
from .noise import Noise
from .reused_guidance import with_reused_guidance
from .schedule import distilled_sigmas, few_step_sigmas, karras_sigmas
from .solvers import SolverState, dpm_solver_2m, euler, heun

OFFICIAL_STEPS = 64
"""Steps of the official solver when it replaces a run that diverged."""


def noise_levels(solver: str, steps: int, sigma_min: float, sigma_max: float) -> np.ndarray:
    """Return the noise levels for a solver's steps, (steps + 1,) float32, descending, ending in 0."""
    if solver == "distilled":
        return distilled_sigmas(steps)
    return few_step_sigmas(steps, sigma_max) if solver == "euler" else karras_sigmas(steps, sigma_min, sigma_max)


def solve(
    solver: str,
    denoise: Denoiser,
    x: Tensor,
    sigmas: np.ndarray,
    *,
    noise: Noise,
    churn: float = 0.0,
    guidance_every: int = 1,
) -> Iterator[SolverState]:
    """Return the states of a run.

    Args:
        solver: "heun", the official one, or "distilled", "euler" or "dpm++2m", which ignore churn and draw no noise. If
            the last one diverges, the official run of the same seed follows, and its first state carries a notice.
        denoise: (x, sigma) -> denoised x.
        x: (B, ...) float32, standard normal noise times sigmas[0].
        sigmas: (n + 1,) float32, descending, ending in 0.
        noise: the source that x was drawn from.
        churn: total amount of fresh noise over all steps.
        guidance_every: guidance is evaluated at every n-th of the first steps, see `with_reused_guidance`; the
            official solver evaluates it always.
    """
    if solver == "heun":
        return heun(denoise, x, sigmas, churn=churn, noise=noise)

    fast_denoise = with_reused_guidance(denoise, guidance_every, len(sigmas) - 1)
    if solver in ("euler", "distilled"):
        return euler(fast_denoise, x, sigmas)

    def official() -> Iterator[SolverState]:
        official_sigmas = karras_sigmas(OFFICIAL_STEPS, float(sigmas[-2]), float(sigmas[0]))
        return heun(denoise, x, official_sigmas, churn=churn, noise=noise)

    return with_fallback(dpm_solver_2m(fast_denoise, x, sigmas), official)


def with_fallback(states: Iterator[SolverState], restart: Callable[[], Iterator[SolverState]]) -> Iterator[SolverState]:
    """Yield a solver's states and, if samples diverge, those of another run, the first of which carries a notice.

    Samples that did not diverge keep their final state while the others run again, so that each ends as it would alone.
    On the CPU a run in which all samples diverged stops at once. On other devices it is checked only at its end, so
    that no step synchronizes.

    Args:
        states: states of a multistep solver.
        restart: starts the other run from the same noise.
    """
    monitor = DivergenceMonitor()
    state = None
    for state in states:
        yield state
        monitor.update(state.denoised)
        if state.denoised.device.type == "cpu" and all_true(monitor.diverged):
            break
    diverged = monitor.diverged
    if state is not None and diverged is not None and diverged.any():
        notice = divergence_notice(diverged, state.sigma)
        for other in restart():
            selected = select_per_sample(diverged, other, state)
            yield replace(selected, notice=notice if other.index == 0 else None)


def all_true(flags: Tensor | None) -> bool:
    """True if there are flags and all are set."""
    return flags is not None and bool(flags.all())


def select_per_sample(diverged: Tensor, other: SolverState, state: SolverState) -> SolverState:
    """Return the other run's state for diverged samples, (B,) bool, and the first run's last state for the rest."""
    mask = moved(diverged, other.x.device).view(-1, *[1] * (other.x.dim() - 1))
    x, denoised = torch.where(mask, other.x, state.x), torch.where(mask, other.denoised, state.denoised)
    return replace(other, x=x, denoised=denoised)


def divergence_notice(diverged: Tensor, sigma: float) -> str:
    """The notice for every job of the batch, since all of them wait for the other run."""
    if diverged.all():
        return f"The fast solver diverged at noise level {sigma:.2g}; sampling restarts with the official solver."
    return (
        f"The fast solver diverged for {int(diverged.sum())} of {len(diverged)} objects in this batch; "
        "sampling restarts with the official solver for those."
    )
