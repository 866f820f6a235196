# SPDX-License-Identifier: GPL-3.0-or-later
"""One prompt or picture through both families: a request for each, whose recordings are one."""

import secrets
from dataclasses import replace
from typing import Any

from .models import MODELS
from .request import Request, make_requests

PAIRS = (
    ("point-e/base40M-textvec", "shap-e/text300M"),
    ("point-e/base40M", "shap-e/image300M"),
    ("mini/point-e", "mini/shap-e"),
)


def counterpart(model: str) -> tuple[str, str]:
    """The two models that are compared when a user has chosen this one, Point-E's first."""
    of_its_kind = [pair for pair in PAIRS if model in pair]
    takes_the_same = [pair for pair in PAIRS if MODELS[pair[1]].inputs == MODELS[model].inputs]
    return next(iter([*of_its_kind, *takes_the_same, *PAIRS]))


def comparison_requests(prompt: str, *, model: str, guidance: None = None, **chosen: Any) -> list[Request]:
    """Complete requests of one prompt for both families; they share the seed and the name of the comparison.

    Args:
        prompt: As for `make_requests`.
        model: Of either family; its partner comes along.
        guidance: Not to be chosen, since the families' scales differ.
        chosen: As for `make_requests`.

    Raises:
        BadRequest: A choice cannot be used.
    """
    first, second = counterpart(model)
    (one,) = make_requests(prompt, model=first, **{**chosen, "count": 1})
    (other,) = make_requests(prompt, model=second, **{**chosen, "count": 1, "seed": one.seed})
    name = f"comparison-{secrets.token_hex(4)}"
    return [replace(request, comparison=name) for request in (one, other)]
