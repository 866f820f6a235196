# SPDX-License-Identifier: GPL-3.0-or-later
"""Estimated time until the queue is done: what is left of running jobs, and the durations of waiting ones."""

from collections import Counter
from collections.abc import Iterable

from ...protocol.models import MODELS
from ...protocol.request import Request
from ..settings.choices import choices
from .active_job import ActiveJob
from .time_estimate import device_of, durations_in, work_seconds
from .time_history import Duration


def queue_seconds(jobs: Iterable[ActiveJob]) -> float | None:
    """Return the seconds until these jobs are done, one after the other; None if there is no estimate for one."""
    waiting = Counter(work_of(job.request) for job in jobs if job.status == "waiting")
    parts = [None if (each := estimated_s(work)) is None else count * each for work, count in waiting.items()]
    parts += [seconds_left(job) for job in jobs if job.status == "running"]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def seconds_left(job: ActiveJob) -> float | None:
    """Return the seconds until a job is done once it runs, or None if unknown."""
    if job.status == "running" and job.eta_s is not None:
        return max(job.eta_s - job.silent_s, 0.0)
    return estimated_s(work_of(job.request))


def work_of(request: Request) -> Duration:
    """Return what a request asks for as a Duration of 0 seconds, on the device as it is requested."""
    sampling = (request.quality, request.steps, request.grid, request.outputs)
    return Duration(request.model, request.device, "", *sampling, 0.0)


def estimated_s(work: Duration) -> float | None:
    """Return the estimated duration of work on the device that it requests, or None if unknown."""
    if work.model not in MODELS:
        return None
    chosen = choices()
    device, name = device_of(work.device, chosen)
    requested = Duration(work.model, device, name, work.quality, work.steps, work.grid, work.outputs, 0.0)
    return work_seconds(requested, durations_in(chosen.jobs_dir.parent))[0]
