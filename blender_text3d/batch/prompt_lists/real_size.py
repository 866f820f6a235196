# SPDX-License-Identifier: GPL-3.0-or-later
"""--size auto: the size of a real object of the kind that a prompt names."""

from typing import Any

from ...prompts.real_sizes import real_size_m
from ...protocol.models import reading_model
from ...protocol.request import DEFAULTS

AUTO = "auto"


def size(text: str) -> float | str:
    """Parse a size in meters, or "auto".

    Raises:
        ValueError: It is neither.
    """
    return AUTO if text.strip().lower() == AUTO else float(text)


def with_real_size(prompt: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return settings with a number as size: for "auto" that of a real object, or the default if none is known.

    Args:
        prompt: The prompt of an object.
        values: Its other settings.
    """
    if values.get("size_m") != AUTO:
        return values
    is_shown = values.get("image") or values.get("object")
    model = reading_model(str(values.get("model") or DEFAULTS["model"]), str(values.get("image_model") or ""))
    real = None if is_shown else real_size_m(prompt, model=model, has_stand_ins=bool(model))
    return values | {"size_m": DEFAULTS["size_m"] if real is None else real}
