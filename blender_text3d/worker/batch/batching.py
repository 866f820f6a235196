# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the jobs that wait are made together with the first one."""

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from ..commands import Offer
from ..worker_state import WorkerState
from .batch_job import BatchJob

if TYPE_CHECKING:
    from ...engine.generate import Recipe

AT_ONCE = {"cpu": 1, "mps": 4, "cuda": 8}
"""How many are made together where nobody says. One small object keeps a CPU busy already: measured on one thread, 4 at
once cost 0.89 to 1.06 of 4 alone, 8 at once 0.94 to 1.16. The numbers for GPUs are guesses."""


def batchable_jobs(leader: BatchJob, offer: Offer, workshop: WorkerState) -> list[BatchJob]:
    """Claim jobs that can run in one batch with the leader, as many as there may be.

    Raises:
        NoSuchDevice: There is no such device as the leader asks for.
    """
    members: list[BatchJob] = []
    most = most_at_once(leader.recipe, offer.at_once, workshop)
    for job in offer.jobs:
        asked = compatible_request(job, leader.recipe) if 1 + len(members) < most and job != leader.job else None
        if asked and is_claimed(job):
            share_log(leader.job, job)
            members.append(BatchJob(job, workshop.pace.copy()))
            members[-1].request, members[-1].recipe = asked
    return members


def most_at_once(recipe: "Recipe", asked: int | None, workshop: WorkerState) -> int:
    """How many objects like this one may be made together: what was asked for or is usual, and has fitted.

    OpenAI's own code makes one after the other, and so does a latent that is decoded again.

    Raises:
        NoSuchDevice: There is no such device.
    """
    from ...engine.device import pick_device

    usual = AT_ONCE[pick_device(recipe.device).type]
    if recipe.latent is not None or recipe.model.startswith("reference/"):
        return 1
    return min(asked or usual, workshop.fits(recipe))


def compatible_request(job: JobFolder, recipe: "Recipe") -> "tuple[Request, Recipe] | None":
    """What a job asks for, where one batch can make it and the recipe; what cannot be read says so in its turn."""
    from ...engine.generate import batch_key

    try:
        request = job.read_request()
        own = recipe_of(request, job)
    except InvalidJob:
        return None
    return (request, own) if batch_key(own) == batch_key(recipe) else None


def is_claimed(job: JobFolder) -> bool:
    """Claim a job; False where somebody else has it, or where it cannot be written, which it says in its turn."""
    try:
        return job.claim()
    except OSError:
        return False


def share_log(first: JobFolder, other: JobFolder) -> None:
    """Let two jobs of a batch have one log, by a name in each folder, or else a line that says where it is."""
    try:
        os.link(first.log, other.log)
    except OSError:
        with suppress(OSError), other.log.open("a", encoding="utf-8") as log:
            log.write(f"What was printed is in {first.log}.\n")


def recipe_of(request: Request, job: JobFolder) -> "Recipe":
    """The part of a request that the engine needs.

    Raises:
        InvalidJob: A file that it starts from is not there.
    """
    from ...engine.generate import Recipe

    return Recipe(
        prompt=request.prompt,
        model=request.model,
        seed=request.seed,
        steps=request.steps,
        guidance=request.guidance,
        grid=request.grid,
        outputs=request.outputs,
        device=request.device,
        solver="heun" if request.quality == "exact" else "dpm++2m",
        image=job.input_file(request.image),
        latent=job.input_file(request.latent),
        views=request.views,
        view_mode=request.view_mode,
        view_size=request.view_size,
    )
