# SPDX-License-Identifier: GPL-3.0-or-later
"""One prompt or image for both model families, with one recording."""

import secrets
from dataclasses import replace
from typing import Any

from .models import MODELS
from .request import Request, make_requests

THREE_STEP = "/three-step"
PAIRS = (
    ("point-e/base40M-textvec", "shap-e/text300M"),
    ("point-e/base40M", "shap-e/image300M"),
    ("mini/point-e", "mini/shap-e"),
    ("point-e/three-step", "shap-e/three-step"),
)


def counterpart(model: str) -> tuple[str, str]:
    """Return the pair of models that is compared if this one is chosen, Point-E first."""
    own_pair = [pair for pair in PAIRS if model in pair]
    same_inputs = [pair for pair in PAIRS if MODELS[pair[1]].inputs == MODELS[model].inputs]
    return next(iter([*own_pair, *same_inputs, *PAIRS]))


def comparison_notice(model: str) -> str:
    """Return a sentence about a model that is not one of those compared when it is chosen, or ""."""
    pair = counterpart(model)
    if model in pair:
        return ""
    first, second = (MODELS[name].label for name in pair)
    without = " They make no view first." if model.endswith(THREE_STEP) else ""
    return f"{MODELS[model].label} has no counterpart, so {first} and {second} are compared.{without}"


def comparison_requests(prompt: str, *, model: str, guidance: None = None, **choices: Any) -> list[Request]:
    """Return requests of one prompt for both families, with the same seed and comparison name.

    Args:
        prompt: As for `make_requests`.
        model: A model of either family; its counterpart is added.
        guidance: Cannot be chosen, because the families' scales differ.
        choices: As for `make_requests`.

    Raises:
        BadRequest: A choice is not accepted.
    """
    first, second = counterpart(model)
    (point_e,) = make_requests(prompt, model=first, **{**choices, "count": 1})
    (shap_e,) = make_requests(prompt, model=second, **{**choices, "count": 1, "seed": point_e.seed})
    name = f"comparison-{secrets.token_hex(4)}"
    return [replace(request, comparison=name) for request in (point_e, shap_e)]
