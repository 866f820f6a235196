# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests → objects in their job folders: load the model, form a batch, run it, and check for cancels in between."""

import os
import platform
from collections.abc import Generator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ...protocol.events import Started
from ...protocol.models import MODELS
from ...protocol.validation import clean_prompt
from ...protocol.version import ENGINE_VERSION
from ..commands import Offer
from ..worker_state import WorkerState
from .batch_job import BatchJob
from .run_batch import run_split_on_failure
from .select_batch import claim_batch, recipe_of

if TYPE_CHECKING:
    from ...engine.generate import LoadedModel, Recipe


def run_jobs(first: BatchJob, offer: Offer, state: WorkerState) -> list[BatchJob]:
    """Run a claimed job, and those of the offer that fit into its batch, until each is made or has ended."""
    jobs = [first]
    with closing(job_steps(jobs, offer, state)) as steps:
        try:
            for _ in steps:
                for job in open_jobs(jobs):
                    job.check_cancelled()
                if all(job.has_ended for job in jobs):
                    break
        except Exception as error:
            for job in open_jobs(jobs):
                job.fail(error)
    return jobs


def open_jobs(jobs: list[BatchJob]) -> list[BatchJob]:
    """Return the jobs that are still this thread's."""
    return [job for job in jobs if job.is_open]


def job_steps(jobs: list[BatchJob], offer: Offer, state: WorkerState) -> Generator[None, None, None]:
    """Run jobs from request to files; yields wherever a cancel can take effect.

    Args:
        jobs: The first job, claimed; the rest of its batch is appended.
        offer: The jobs that may join the batch.
        state: What the worker keeps between jobs.
    """
    first = jobs[0]
    first.request = first.folder.read_request()
    first.report_step("load", 0, 2)
    yield
    engine = state.engine()
    first.recipe = recipe_of(first.request, first.folder)
    jobs += claim_batch(first, offer, state)
    for job in jobs:
        if job.writes_all:
            job.reporter.attach(state.sinks(job.folder, job.request, job.notice))
        job.report_step("load", 1, 2)
    yield
    model = engine.load(first.request.model, first.request.device, encodes=first.recipe.encodes)
    event = started_event(model, first.recipe)
    for job in jobs:
        job.start(event)
        if message := unused_prompt_notice(job):
            job.notice(message)
        job.report_step("load", 2, 2)
    yield
    yield from run_split_on_failure(jobs, engine, state)


def unused_prompt_notice(job: BatchJob) -> str:
    """Return what to tell if a prompt was given beside an image, or "": with an image, it only names the object.

    Three steps need no notice: there the image is often a view of that prompt.
    """
    request = job.request
    is_view = bool(MODELS[request.model].image_model)
    given = request.prompt if request.image and not request.latent and not is_view else ""
    if not given or given == clean_prompt(Path(job.folder.input_name(request.image)).stem or given):
        return ""
    return f'The image decides what is made; the prompt "{given}" only names it. For the prompt, leave the image out.'


def started_event(model: "LoadedModel", recipe: "Recipe") -> Started:
    """Return the event that names the process, the device, the weights and the versions in use."""
    from ...engine.device import device_name
    from ...engine.provenance import image_weights_sha256, weights_sha256

    return Started(
        pid=os.getpid(),
        host=platform.node(),
        device=str(model.device),
        device_name=device_name(model.device),
        engine_version=ENGINE_VERSION,
        torch_version=version("torch"),
        weights_sha256=weights_sha256(model, recipe),
        image_weights_sha256=image_weights_sha256(model, recipe),
    )
