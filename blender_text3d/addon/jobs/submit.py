# SPDX-License-Identifier: GPL-3.0-or-later
"""Queue of requests: those of the panel, and any others, become jobs with places for their objects."""

import sys
from collections.abc import Sequence
from pathlib import Path

import bpy

from ...client.session import Session
from ...protocol.comparison import comparison_notice, comparison_requests
from ...protocol.errors import BadRequest, InvalidJob
from ...protocol.request import Request, make_requests
from ...system.user_folders import HOME_VARIABLE
from ..settings.choices import Choices, choices
from ..settings.into import REPLACE
from ..state.active_job import ActiveJob, ImportTarget
from ..state.problem import SubmitError, problem_of_error, worker_problem
from ..state.prompt_history import remember
from ..state.session_state import has_running_worker, state
from . import poll_timer
from .free_location import columns_of, first_free_slot, occluder_name, rows_of, slot_location
from .panel_request import SAMPLING, image_name, request_kwargs, settings_of, shared_kwargs, submit_errors
from .previews import warm_up
from .replacement import active_generated, check_outputs, target_of_object
from .selection import follow_selection


def generate(scene: bpy.types.Scene, count: int = 0) -> list[ActiveJob]:
    """Queue what the panel asks for, and write the seed back into it.

    Args:
        scene: The scene with the panel's settings.
        count: Number of objects; 0 for that of the panel.

    Raises:
        SubmitError: No job was queued.
    """
    settings = settings_of(scene)
    into = active_generated() if settings.into == REPLACE else None
    with submit_errors(settings):
        requests = make_requests(**request_kwargs(settings) | ({"count": count} if count else {}))
    if into:
        check_outputs(into, requests[0].outputs)
    settings.seed = requests[0].seed
    jobs = submit(requests, scene, into=into)
    if requests[0].candidates > 1:
        settings.views_job = jobs[0].folder.job_id
    if not requests[0].image:
        remember(choices().jobs_dir.parent, requests[0].prompt)
    return jobs


def generate_from_images(scene: bpy.types.Scene, paths: list[Path]) -> list[ActiveJob]:
    """Queue an object for each image with the panel's other settings, named after its file.

    Raises:
        SubmitError: No job was queued.
    """
    settings = settings_of(scene)
    shared = shared_kwargs(settings) | {"count": 1}
    with submit_errors(settings):
        requests = [make_requests(image_name(str(path)), image=str(path), **shared)[0] for path in paths]
    return submit(requests, scene)


def compare(scene: bpy.types.Scene) -> list[ActiveJob]:
    """Queue what the panel asks for with both model families, for objects and recordings side by side.

    Raises:
        SubmitError: No job was queued.
    """
    from ...prompts.compared_kinds import kinds_notice

    settings = settings_of(scene)
    values = {name: value for name, value in request_kwargs(settings).items() if name not in ("count", *SAMPLING)}
    with submit_errors():
        requests = comparison_requests(**values)
    settings.seed = requests[0].seed
    jobs = submit(requests, scene)
    kinds = kinds_notice(requests[0].prompt, [each.model for each in requests]) if not requests[0].image else ""
    for notice in filter(None, (comparison_notice(settings.model), kinds)):
        state.notice(notice, jobs[0].folder.job_id)
    return jobs


def submit(
    requests: list[Request],
    scene: bpy.types.Scene,
    expected_weights: tuple[str, ...] = (),
    into: bpy.types.Object | None = None,
    *,
    sheet_locations: Sequence[tuple[float, float, float]] = (),
    targets: Sequence[ImportTarget] = (),
) -> list[ActiveJob]:
    """Queue requests for objects side by side at the 3D cursor, and start the timer that follows them.

    Args:
        requests: The requests.
        scene: Scene of the objects.
        expected_weights: `weights_of` the first object, for Regenerate.
        into: The object that the results become versions of, or None for new objects.
        sheet_locations: Locations of the objects on a contact sheet instead.
        targets: Where the results go instead, one target for each.

    Raises:
        SubmitError: There is no environment, or a job could not be queued.
    """
    chosen = choices()
    if problem := worker_problem(chosen):
        raise SubmitError(problem)
    state.problem = None
    state.notices.clear()
    is_placed = bool(into or sheet_locations or targets)
    if into:
        targets = [target_of_object(into, scene, expected_weights)] * len(requests)
    elif sheet_locations:
        targets = [ImportTarget(scene.name, location, is_on_sheet=True) for location in sheet_locations]
    targets = targets or targets_in_row(requests, scene, expected_weights)
    hiding = "" if is_placed else occluder_name(requests[0], scene)
    jobs = [submit_one(request, target, chosen) for request, target in zip(requests, targets, strict=True)]
    jobs[0].placed_next_to = hiding
    warm_up()
    follow_selection(jobs)
    poll_timer.start()
    return jobs


def targets_in_row(
    requests: list[Request], scene: bpy.types.Scene, expected_weights: tuple[str, ...]
) -> list[ImportTarget]:
    """Return the first free places for new objects."""
    slots = enumerate(requests, start=first_free_slot(requests[0], scene))
    columns = columns_of(requests[0], scene)
    places = [
        slot_location(slot, request.size_m, scene, rows=rows_of(request), columns=columns) for slot, request in slots
    ]
    return [ImportTarget(scene.name, place, expected_weights) for place in places]


def submit_one(request: Request, target: ImportTarget, chosen: Choices) -> ActiveJob:
    """Queue one job.

    Raises:
        SubmitError: The job cannot be queued.
    """
    starts_worker = not has_running_worker()
    try:
        (folder,) = session_for(chosen).submit([request])
    except (BadRequest, InvalidJob) as error:
        raise SubmitError(problem_of_error(error)) from error
    job = state.jobs[folder.job_id] = ActiveJob(folder, request, target, starts_worker=starts_worker)
    return job


def session_for(chosen: Choices) -> Session:
    """Return the session with these preferences. One with other preferences is closed once it has no jobs."""
    session = state.session
    python = Path(sys.executable) if chosen.relay else chosen.python
    wanted = (chosen.jobs_dir, python, chosen.relay)
    fits = session and (session.jobs_dir, session.worker.python, session.worker.relay) == wanted
    if session and not fits and not session.jobs:
        session.close()
        session = None
    if session is None:
        session = Session(chosen.jobs_dir, python)
        session.worker.relay = chosen.relay
    state.session = session
    state.session.is_paused = state.is_paused
    state.session.worker.variables = {HOME_VARIABLE: str(chosen.jobs_dir.parent)}  # for the weights folder
    return state.session
