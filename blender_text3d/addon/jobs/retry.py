# SPDX-License-Identifier: GPL-3.0-or-later
"""A job that failed, asked for again: the same, or with the one thing changed that stood in its way."""

import random
from dataclasses import asdict, replace
from typing import Any

import bpy

from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...protocol.models import DEFAULT_MODEL, MODELS
from ...protocol.request import SEEDS, Request
from ..state.problem import SubmitError, problem_of_error
from ..state.session_state import ActiveJob
from .submit import submit, submit_errors


def draft_settings(request: Request) -> dict[str, Any]:
    """The quality that needs least."""
    return {"quality": "draft", **asdict(MODELS[request.model].qualities["draft"])}


def mini_settings(request: Request) -> dict[str, Any]:
    """The small model that ships with us, of the same quality; it takes neither latents nor numbers of another."""
    usual = MODELS[DEFAULT_MODEL].qualities[request.quality]
    return {"model": DEFAULT_MODEL, "latent": "", **asdict(usual)}


CHANGES = {
    "same": lambda request: {},
    "draft": draft_settings,
    "processor": lambda request: {"device": "cpu"},
    "device": lambda request: {"device": "auto"},
    "seed": lambda request: {"seed": random.randrange(SEEDS)},
    "mini": mini_settings,
    "sample": lambda request: {"latent": ""},
}


def retry(folder: JobFolder, scene: bpy.types.Scene, how: str) -> list[ActiveJob]:
    """Begin what a job folder asked for, with one thing changed.

    Args:
        folder: Of the job that failed.
        scene: Where the object goes.
        how: A key of CHANGES.

    Raises:
        SubmitError: The folder cannot be read any more, or nothing could be begun.
    """
    try:
        asked = folder.read_request()
    except InvalidJob as error:
        raise SubmitError(problem_of_error(error)) from error
    own = {name: str(folder.path / getattr(asked, name)) for name in ("image", "latent") if getattr(asked, name)}
    with submit_errors():
        request = replace(asked, **{**own, **CHANGES[how](asked)})
    return submit([request], scene)
