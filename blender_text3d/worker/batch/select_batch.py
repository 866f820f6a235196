# SPDX-License-Identifier: GPL-3.0-or-later
"""The choice of queued jobs that run in one batch with the first one."""

import os
from contextlib import suppress
from dataclasses import fields
from typing import TYPE_CHECKING

from ...protocol.errors import InvalidJob
from ...protocol.face_budget import most_faces
from ...protocol.job_folder import JobFolder
from ...protocol.kept_steps import keeps_steps
from ...protocol.models import MODELS
from ...protocol.request import Request
from ..commands import Offer
from ..worker_state import WorkerState
from .batch_job import BatchJob

if TYPE_CHECKING:
    from ...engine.generate import Recipe

FEW_STEP_BATCH_SIZE = 8
"""The largest batch of a few steps on a CPU. With so few, the network's fixed costs count: on one thread, a batch of 8
is sampled in 0.7 of the time of 8 single objects, and the client is asked once instead of 8 times."""

DEFAULT_BATCH_SIZE = {"cpu": 1, "mps": 4, "cuda": 8}
"""The largest batch for each type of device. One small object already keeps a CPU busy: measured on one thread, a batch
of 4 took 0.89 to 1.06 times as long as 4 single objects, a batch of 8 0.94 to 1.16. The values for GPUs are guesses."""


def claim_batch(first: BatchJob, offer: Offer, state: WorkerState) -> list[BatchJob]:
    """Claim the jobs that can run in one batch with the first, up to the largest batch.

    Raises:
        NoSuchDevice: The device that the first job requests is missing.
    """
    claimed: list[BatchJob] = []
    batch_size = max_batch_size(first.recipe, offer.at_once, state)
    for folder in offer.jobs:
        is_wanted = 1 + len(claimed) < batch_size and folder != first.folder
        compatible = compatible_request(folder, first.recipe) if is_wanted else None
        if compatible and claim(folder):
            share_log(first.folder, folder)
            claimed.append(BatchJob(folder, state.eta.copy(), object_only=offer.object_only))
            claimed[-1].request, claimed[-1].recipe = compatible
    return claimed


def max_batch_size(recipe: "Recipe", requested: int | None, state: WorkerState) -> int:
    """Return the largest batch for a recipe: as requested or the device's default, if memory has held it so far.

    A reference model makes one object at a time, and so do a latent that is decoded again and an object.

    Raises:
        NoSuchDevice: The recipe's device is missing.
    """
    from ...engine.device import pick_device

    default = DEFAULT_BATCH_SIZE[pick_device(recipe.device).type]
    if recipe.solver in ("euler", "distilled"):
        default = max(default, FEW_STEP_BATCH_SIZE)
    if recipe.latent is not None or recipe.object is not None or recipe.model.startswith("reference/"):
        return 1
    return min(requested or default, state.max_fitting_batch(recipe))


def compatible_request(folder: JobFolder, recipe: "Recipe") -> "tuple[Request, Recipe] | None":
    """Return a job's request and recipe if one batch can make it and the given recipe, else None.

    An invalid request gives None, too: the job fails with its reason when it is first in line.
    """
    from ...engine.generate import batch_key

    try:
        request = folder.read_request()
        own = recipe_of(request, folder)
    except InvalidJob:
        return None
    return (request, own) if batch_key(own) == batch_key(recipe) else None


def claim(folder: JobFolder) -> bool:
    """Claim a job; False if another worker has it or its folder cannot be written, which it reports in its turn."""
    try:
        return folder.claim()
    except OSError:
        return False


def share_log(first: JobFolder, other: JobFolder) -> None:
    """Give two jobs of a batch one log: a hard link, or else a line that names the first job's log."""
    try:
        os.link(first.log, other.log)
    except OSError:
        with suppress(OSError), other.log.open("a", encoding="utf-8") as log:
            log.write(f"Output is in {first.log}.\n")


def recipe_of(request: Request, folder: JobFolder) -> "Recipe":
    """Return the settings of a request that the engine needs, those that Request and Recipe share by name.

    Raises:
        InvalidJob: The job folder lacks an input file.
    """
    from ...engine.generate import Recipe

    settings = {field.name: getattr(request, field.name) for field in fields(Recipe) if hasattr(request, field.name)}
    files = {name: folder.input_file(getattr(request, name)) for name in ("image", "latent", "object")}
    image_model = request.image_model or MODELS[request.model].image_model
    keeps = not request.latent and keeps_steps(request.model, request.steps, request.keep_steps)
    own_solver = "heun" if request.quality == "exact" else "dpm++2m"
    faces = most_faces(request.face_budget, request.model, request.quality, request.grid)
    return Recipe(
        **settings
        | files
        | {"keep_steps": keeps, "face_budget": faces}
        | {"solver": request.solver or own_solver, "image_model": image_model}
    )
