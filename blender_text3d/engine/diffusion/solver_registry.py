# SPDX-License-Identifier: GPL-3.0-or-later
"""The solvers by the names that recipes give them."""

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from .denoiser import Denoiser
from .divergence import with_fallback
from .noise import Noise
from .schedule import karras_sigmas
from .solvers import SolverState, dpm_solver_2m, heun

OFFICIAL_STEPS = 64
"""Of the official solver, where a quicker one has lost its way."""


def solve(
    solver: str, denoise: Denoiser, x: Tensor, sigmas: np.ndarray, *, noise: Noise, churn: float = 0.0
) -> Iterator[SolverState]:
    """The states of a solver.

    Args:
        solver: "heun", the official one, or "dpm++2m", which knows no churn and draws no noise. Where that loses its
            way, the official run of the same seed follows; its first state has a notice.
        denoise: (x, sigma) -> clean x.
        x: [B, ...] noise times sigmas[0].
        sigmas: [n + 1] falling, ending in 0.
        noise: what x was drawn from.
        churn: fresh noise over all steps.
    """
    if solver == "heun":
        return heun(denoise, x, sigmas, churn=churn, noise=noise)

    def official() -> Iterator[SolverState]:
        levels = karras_sigmas(OFFICIAL_STEPS, float(sigmas[-2]), float(sigmas[0]))
        return heun(denoise, x, levels, churn=churn, noise=noise)

    return with_fallback(dpm_solver_2m(denoise, x, sigmas), official)
