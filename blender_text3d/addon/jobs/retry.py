# SPDX-License-Identifier: GPL-3.0-or-later
"""Retry of a failed job: with the same request, or with one setting changed."""

import random
from dataclasses import replace
from typing import Any

import bpy

from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...protocol.models import DEFAULT_MODEL, MODELS
from ...protocol.request import SEEDS, Request
from ...protocol.samplings import default_solver
from ..state.active_job import ActiveJob
from ..state.problem import SubmitError, problem_of_error
from ..state.session_state import state
from .panel_request import submit_errors
from .replacement import find_replaced
from .submit import submit


def draft_settings(request: Request) -> dict[str, Any]:
    """Return the settings of the fastest quality."""
    return {"quality": "draft", **quality_settings(request.model, "draft")}


def mini_settings(request: Request) -> dict[str, Any]:
    """Return the settings of the included small model at the same quality. It cannot use latents of another model."""
    return {"model": DEFAULT_MODEL, "latent": "", **quality_settings(DEFAULT_MODEL, request.quality)}


def quality_settings(model: str, quality: str) -> dict[str, Any]:
    """Return a quality's own steps, guidance, grid and solver."""
    sampling = MODELS[model].qualities[quality]
    return {**sampling._asdict(), "solver": default_solver(model, quality, sampling.steps, sampling.guidance)}


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
    """Queue the request of a job folder again, with one change.

    Args:
        folder: The folder of the failed job.
        scene: Scene of the object.
        how: A key of CHANGES.

    Raises:
        SubmitError: The folder cannot be read, or no job could be queued.
    """
    try:
        asked = folder.read_request()
    except InvalidJob as error:
        raise SubmitError(problem_of_error(error)) from error
    own = {
        name: str(folder.path / getattr(asked, name)) for name in ("image", "latent", "object") if getattr(asked, name)
    }
    with submit_errors():
        request = replace(asked, **{**own, **CHANGES[how](asked)})
    ended = state.ended.get(folder.job_id)
    target = ended.target if ended else None
    jobs = submit([request], scene, into=find_replaced(target.replaced) if target and target.replaced else None)
    state.remove_ended(folder.job_id)
    return jobs
