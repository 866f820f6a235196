# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps, guidance, grid and solver by model and quality."""

from typing import Any

from .models import DISTILLED_SOLVER, FEW_STEP_SOLVER, FEW_STEPS, MODELS, Sampling
from .validation import check_choice


def default_solver(model: str, quality: str, steps: Any, guidance: Any) -> str:
    """Return the solver of a new request.

    It is that of the distilled weights if the sampling is theirs, that for few steps if they are few and the model has
    it, else "".
    """
    if is_distilled(model, quality, steps, guidance):
        return DISTILLED_SOLVER
    is_few = isinstance(steps, int) and steps < FEW_STEPS and quality != "exact"
    return FEW_STEP_SOLVER if is_few and FEW_STEP_SOLVER in MODELS[model].solvers else ""


def is_distilled(model: str, quality: str, steps: Any, guidance: Any) -> bool:
    """True if the model has distilled weights for a quality, and this is a sampling that they were trained for.

    Drafts of earlier versions took the steps of standard.
    """
    info = MODELS[model]
    samplings = [info.qualities[name][:2] for name in info.undistilled]
    return quality in info.undistilled and (steps, guidance) in samplings


def reused_steps(steps: int, guidance_every: int) -> int:
    """Return the number of steps that reuse guidance, and evaluate the conditional half alone."""
    return sum((step + 1) % guidance_every > 0 for step in range(1, steps // 2 + 1))


def undistilled_sampling(model: str, quality: str) -> Sampling:
    """Return the steps, guidance and grid for a quality where steps or guidance are chosen.

    Such a sampling evaluates guidance at every step unless that is chosen, too.

    Raises:
        BadRequest: There is no such model or quality.
    """
    preset = sampling_of(model, quality)
    return MODELS[model].undistilled.get(quality, preset)._replace(guidance_every=1)


def sampling_of(model: str, quality: str) -> Sampling:
    """Return the model's own sampling for a quality.

    Raises:
        BadRequest: There is no such model or quality.
    """
    check_choice("model", model, MODELS)
    check_choice("quality", quality, MODELS[model].qualities)
    return MODELS[model].qualities[quality]
