# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests → objects in their job folders, told step by step."""

import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING

from ...protocol.events import Started
from ...protocol.version import ENGINE_VERSION
from ..commands import Offer
from ..worker_state import WorkerState
from .batch_job import BatchJob
from .batching import batchable_jobs, recipe_of
from .run_batch import run_split_on_failure

if TYPE_CHECKING:
    from ...engine.generate import LoadedModel


def make(members: list[BatchJob], offer: Offer, workshop: WorkerState) -> Iterator[None]:
    """The whole way of a job and of those that join it; pauses where a cancel can be heeded.

    Args:
        members: The first job, claimed; those that join it are added.
        offer: Where they come from.
        workshop: What stays from job to job.
    """
    first = members[0]
    first.request = first.job.read_request()
    first.tell("load", 0, 2)
    yield
    engine = workshop.engine()
    first.recipe = recipe_of(first.request, first.job)
    members += batchable_jobs(first, offer, workshop)
    for member in members:
        join(member, workshop)
    yield
    event = started(engine.load(first.request.model, first.request.device))
    for member in members:
        begin(member, event)
    yield
    yield from run_split_on_failure(members, engine, workshop)


def join(member: BatchJob, workshop: WorkerState) -> None:
    """The engine is there: from now on a job is recorded, too."""
    sinks = workshop.sinks(member.job, member.request, member.notice)
    member.report.listen(sinks)
    member.tell("load", 1, 2)


def begin(member: BatchJob, event: Started) -> None:
    """The model is there."""
    member.attempt(lambda: member.report.start(member.request, event))
    member.tell("load", 2, 2)


def started(model: "LoadedModel") -> Started:
    """What the work will be done with."""
    from ...engine.device import device_name

    return Started(
        pid=os.getpid(),
        host=platform.node(),
        device=str(model.device),
        device_name=device_name(model.device),
        engine_version=ENGINE_VERSION,
        torch_version=version("torch"),
        weights_sha256=model.sha256,
    )
