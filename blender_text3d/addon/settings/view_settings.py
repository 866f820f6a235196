# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel's settings of the first of three steps, the view, as values of a request."""

import os
from typing import TYPE_CHECKING, Any

from ...protocol.models import MODELS, reading_model
from .input_kind import TEXT, input_kind

if TYPE_CHECKING:
    from .properties import TEXT3D_Settings

OWN = "own"
"""Identifier of the image model that belongs to the chosen model; a request has "" for it."""
DIFFUSERS = "diffusers"
SIZE_STEP = 64
"""The sides of a view are multiples of it."""


def makes_views(settings: "TEXT3D_Settings") -> bool:
    """True if the chosen model makes a view of the prompt first."""
    model = MODELS.get(settings.model)
    return bool(model and model.image_model)


def model_of_words(settings: "TEXT3D_Settings") -> str:
    """Return the small model with whose words the prompt is read, or "" if it is read as free text."""
    return reading_model(settings.model, "" if settings.image_model == OWN else settings.image_model)


def view_kwargs(settings: "TEXT3D_Settings") -> dict[str, Any]:
    """Return the settings of the view as arguments of `make_requests`; none if the view is given or not made."""
    if not makes_views(settings) or input_kind(settings) != TEXT:
        return {}
    values: dict[str, Any] = {"candidates": int(settings.candidates)}
    if settings.image_model != OWN:
        values["image_model"] = settings.image_model
    if settings.image_model == DIFFUSERS:
        values |= {"image_model_source": pipeline(settings), "negative_prompt": settings.negative_prompt.strip()}
        values["image_size"] = settings.image_size // SIZE_STEP * SIZE_STEP
    return values


def pipeline(settings: "TEXT3D_Settings") -> str:
    """Return the folder of the chosen pipeline as an absolute path, or its hub name, or ""."""
    import bpy

    text = settings.pipeline.strip()
    is_path = text.startswith(("//", "~", ".")) or os.path.isabs(text)
    return os.path.abspath(os.path.expanduser(bpy.path.abspath(text))) if is_path else text


def put_view_settings(settings: "TEXT3D_Settings", values: dict[str, Any]) -> None:
    """Copy a request's settings of the view to the panel; the pipeline of this machine stays."""
    settings.image_model = values["image_model"] or OWN
    settings.candidates = str(values["candidates"])
    settings.negative_prompt = values["negative_prompt"]
    settings.image_size = values["image_size"]
