# SPDX-License-Identifier: GPL-3.0-or-later
"""Panel settings as arguments of `make_requests`."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any, cast

import bpy

from ...protocol.errors import BadRequest
from ...protocol.failures import Reason
from ...protocol.request import SETTINGS, VIEWER
from ...protocol.validation import CONTROL_CATEGORIES, MAX_PROMPT_LENGTH, truncated_repr
from ..settings.choices import choices
from ..settings.conflicts import conflicts
from ..settings.input_kind import IMAGE, accepted_inputs, input_kind
from ..settings.properties import TEXT3D_Settings, panel_value
from ..settings.remote_paths import is_remote_path, is_remote_viewer
from ..settings.size import wanted_size_m
from ..settings.view_settings import DIFFUSERS, pipeline, view_kwargs
from ..state.problem import Problem, SubmitError, problem_of_error
from ..state.session_state import state

SAMPLING = ("steps", "guidance", "grid")
NOT_VARIED = {"variation_strength": 0.0, "earlier_variations": ""}
"""Settings of an object whose noise is that of its seed alone, as a random seed's is."""


def settings_of(scene: bpy.types.Scene) -> TEXT3D_Settings:
    """Return the panel's settings in a scene."""
    return cast(Any, scene).text3d


def request_kwargs(settings: TEXT3D_Settings) -> dict[str, Any]:
    """Return the panel's settings as arguments of `make_requests`."""
    image = image_path(settings) if input_kind(settings) == IMAGE else ""
    view = view_kwargs(settings)
    require_local_pipeline(view.get("image_model_source", ""))
    named = state.views_prompt(image) if image else prompt_or_name(settings)
    prompt = named or image_name(image) if image else named
    own = {"image": image, "prompt": prompt, "size_m": wanted_size_m(settings, named)}
    return shared_kwargs(settings) | view | own


def with_pipeline(values: dict[str, Any], settings: TEXT3D_Settings) -> dict[str, Any]:
    """Return a recipe's settings with the panel's pipeline if one makes the view, since a recipe names none to load.

    Without a pipeline, a latent is decoded as that of a given view.

    Raises:
        SubmitError: A pipeline is needed, and the panel has none on this machine.
    """
    if values.get("image_model") != DIFFUSERS:
        return values
    source = pipeline(settings)
    require_local_pipeline(source)
    if source:
        return values | {"image_model_source": source}
    if values.get("latent"):
        return values | {"image_model": "", "negative_prompt": "", "image_size": 0}
    message = "A Diffusers pipeline made the view of this object, and the panel has none."
    raise SubmitError(Problem(message, "Choose its folder, then try again.", Reason.BAD_PIPELINE))


def require_local_pipeline(source: str) -> None:
    """Check that the .blend file, which may be untrusted, names no pipeline on another machine.

    Raises:
        SubmitError: It does.
    """
    if is_remote_path(source):
        message = f"The pipeline {truncated_repr(source)} is on another machine."
        raise SubmitError(Problem(message, "Copy it to this machine and choose it again.", Reason.CONFLICT))


def shared_kwargs(settings: TEXT3D_Settings) -> dict[str, Any]:
    """Return the panel's settings besides prompt and image as arguments of `make_requests`."""
    names = [name for name, setting in SETTINGS.items() if setting.property]
    chosen = [name for name in names if settings.has_own_sampling or name not in SAMPLING]
    return {name: panel_value(settings, name) for name in chosen} | {
        "count": settings.count,
        "seed": None if settings.has_random_seed else settings.seed,
        "viewer": viewer_address(settings),
        **(NOT_VARIED if settings.has_random_seed else {}),
    }


def image_path(settings: TEXT3D_Settings) -> str:
    """Return the path of the image.

    Raises:
        SubmitError: No image is chosen, or the .blend file, which may be untrusted, names one on another machine.
    """
    path = bpy.path.abspath(settings.image)
    if not path:
        raise SubmitError(Problem("No image is chosen.", "Choose an image file.", Reason.BAD_IMAGE))
    if is_remote_path(path):
        message = f"The image {truncated_repr(path)} is on another machine."
        raise SubmitError(Problem(message, "Copy it to this machine and choose it again.", Reason.CONFLICT))
    return path


def prompt_or_name(settings: TEXT3D_Settings) -> str:
    """Return the prompt; for a model without inputs it only names the object, and may be empty."""
    return settings.prompt if accepted_inputs(settings) else settings.prompt.strip() or "anything"


def image_name(path: str) -> str:
    """Return the name of an image file without its suffix, as a prompt that names the object."""
    stem = PurePath(path.replace("\\", "/")).stem
    name = "".join(letter for letter in stem if unicodedata.category(letter) not in CONTROL_CATEGORIES)
    return name.strip()[:MAX_PROMPT_LENGTH] or "image"


def viewer_address(settings: TEXT3D_Settings) -> str:
    """Return the viewer setting of a request.

    Raises:
        SubmitError: The .blend file, which may be untrusted, names another machine.
    """
    if not settings.has_live_view:
        return ""
    own, default = settings.live_view_address.strip(), choices().live_view_address
    if own not in ("", default) and VIEWER.fullmatch(own) and is_remote_viewer(own):
        message = f"This file sends the live view to another machine, {truncated_repr(own)}."
        fix = "Enter the address in the preferences to allow it, or clear it here."
        raise SubmitError(Problem(message, fix, Reason.CONFLICT))
    return own or default or "spawn"


@contextmanager
def submit_errors(settings: TEXT3D_Settings | None = None) -> Iterator[None]:
    """Turn a refused request into a SubmitError, which offers Fix Settings if these settings have a conflict.

    Raises:
        SubmitError: A request was refused inside.
    """
    try:
        yield
    except BadRequest as error:
        has_fix = settings and any(conflict.is_blocking and conflict.name for conflict in conflicts(settings))
        problem = Problem(str(error), reason=Reason.CONFLICT) if has_fix else problem_of_error(error)
        raise SubmitError(problem) from error
