# SPDX-License-Identifier: GPL-3.0-or-later
"""Live: a draft of the prompt appears while the user types, at a fixed seed, in one preview object.

Drafts are jobs that are shown but not imported, and marked in their folders. A new draft replaces the last one, and its
folder is deleted unless the user keeps it. Nothing is generated while other jobs run, or the queue is paused.
"""

import random
import time
from typing import Any

import bpy

from ...client.import_claim import mark_imported
from ...client.results.delete import delete_result
from ...protocol.errors import BadRequest, InvalidJob
from ...protocol.events import Event, Failed, Finished
from ...protocol.job_folder import JobFolder
from ...protocol.request import SEEDS, Request
from ...system.lazy_dataclass import lazy_dataclass
from .. import redraw
from ..settings.choices import choices
from ..state.active_job import ImportTarget
from ..state.problem import Problem, problem_of_error, problem_of_failure, worker_problem
from ..state.session_state import state
from . import import_result, panel_request, poll_timer, submit
from .draft_request import draft_request
from .free_location import columns_of, first_free_slot, rows_of, slot_location, target_scene, xyz

LIVE_ID = "live"
"""Job ID of the preview object, which outlives the jobs that fill it."""
DELAY_S = 0.3
INTERVAL_S = 0.1


@lazy_dataclass
class LiveState:
    """Live, from the moment it is turned on.

    Attributes:
        seed: Seed of all drafts.
        wanted: Request for the settings of the last tick, or None if they make no object.
        wanted_since: Time of the last change by time.monotonic.
        asked: Request of the last draft that was queued.
        running: Folder of the draft that runs.
        shown: Folder of the finished draft that is in the preview object.
        location: Location of the preview object, chosen for the first draft.
        is_outdated: True if the preview object has to be filled again.
    """

    seed: int
    wanted: Request | None = None
    wanted_since: float = 0.0
    asked: Request | None = None
    running: JobFolder | None = None
    shown: JobFolder | None = None
    location: tuple[float, float, float] | None = None
    is_outdated: bool = False


live: LiveState | None = None


def turn_on(scene: bpy.types.Scene) -> None:
    """Turn Live on; the panel's seed is used if it is locked."""
    global live
    settings = panel_request.settings_of(scene)
    live = LiveState(random.randrange(SEEDS) if settings.has_random_seed else settings.seed)
    if not bpy.app.background and not bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.register(on_timer, first_interval=INTERVAL_S, persistent=True)


def turn_off() -> None:
    """Turn Live off, cancel a running draft, and remove the one that is shown."""
    global live
    if live is None:
        return
    cancel_draft()
    if live.shown:
        import_result.remove_preview(LIVE_ID)
        discard(live.shown)
    live = None
    redraw.panels()


def on_timer() -> float | None:
    """Run one tick. Return the time until the next one in seconds, or None once Live is off and no draft runs."""
    try:
        take_ended_drafts()
        if live is not None and bpy.context.scene:
            step(bpy.context.scene, time.monotonic())
    except Exception as error:  # a timer that raises is dropped by Blender
        turn_off()
        state.problem = Problem(f"Live was turned off: {error}.", "Turn it on again.")
    return INTERVAL_S if live is not None or state.drafts else None


def step(scene: bpy.types.Scene, now_s: float) -> None:
    """Queue a draft if the settings have not changed for DELAY_S, and show a finished one.

    Args:
        scene: Scene with the panel's settings.
        now_s: Time by time.monotonic.
    """
    assert live is not None
    wanted = draft_request(scene, live.seed)
    if wanted != live.wanted:
        live.wanted, live.wanted_since = wanted, now_s
    is_still = now_s - live.wanted_since >= DELAY_S
    if wanted is not None and is_still and wanted != live.asked and not state.running and not state.is_paused:
        queue_draft(wanted, scene)
    if live.is_outdated and not import_result.reason_to_wait():
        show(scene)


def queue_draft(request: Request, scene: bpy.types.Scene) -> None:
    """Queue a draft in place of the one that runs."""
    assert live is not None
    cancel_draft()
    chosen = choices()
    live.asked = request
    if problem := worker_problem(chosen):
        turn_off()
        state.problem = problem
        return
    if live.location is None:
        slot = first_free_slot(request, scene)
        live.location = slot_location(
            slot, request.size_m, scene, rows=rows_of(request), columns=columns_of(request, scene)
        )
    try:
        (folder,) = submit.session_for(chosen).submit([request], is_draft=True)
    except (BadRequest, InvalidJob) as error:
        turn_off()
        state.problem = problem_of_error(error)
        return
    mark_imported(folder)  # no later session offers it
    live.running = state.drafts[folder.job_id] = folder
    poll_timer.start()


def cancel_draft() -> None:
    """Cancel the draft that runs; its folder is deleted when it has ended."""
    assert live is not None
    if live.running and state.session:
        state.session.cancel(live.running)
    live.running = None


def take_ended_drafts() -> None:
    """End the current draft if it is done, and delete those that were cancelled."""
    while state.ended_drafts:
        folder, event = state.ended_drafts.pop(0)
        if live is not None and live.running and live.running.job_id == folder.job_id:
            live.running = None
            end_draft(folder, event)
        else:
            discard(folder)


def end_draft(folder: JobFolder, event: Event) -> None:
    """Have a finished draft shown in place of the last one, or turn Live off with the problem of a failed one."""
    assert live is not None
    if isinstance(event, Finished):
        old, live.shown, live.is_outdated = live.shown, folder, True
        if old:
            discard(old)
        return
    if isinstance(event, Failed) and live.asked:
        state.problem = problem_of_failure(event, folder.path, live.asked.model, ())
        turn_off()


def show(scene: bpy.types.Scene) -> None:
    """Fill the preview object with the newest draft."""
    from ...geometry import load_geometry
    from ...scene.placement import units_per_meter
    from ...scene.preview_object import show_preview

    assert live is not None
    live.is_outdated = False
    if live.shown is None or live.location is None:
        return
    request = live.shown.read_request()
    shown = show_preview(
        LIVE_ID,
        request.prompt,
        load_geometry(live.shown.mesh),
        size=request.size_m * units_per_meter(scene),
        location=live.location,
        scene=target_scene(ImportTarget(scene.name, live.location)),
        rotation_deg=request.rotation_deg,
    )
    if shown is not None:
        shown.name = request.prompt
    redraw.panels()


def show_again() -> None:
    """Have the preview object filled again, which an undo has removed."""
    if live is not None:
        live.is_outdated = True


def shown_ids() -> set[str]:
    """Return the job ID of the preview object if Live is on."""
    return {LIVE_ID} if live is not None else set()


def keep(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Import the draft that is shown where its preview is, and start a new one beside it.

    Raises:
        OSError: The folder of the draft is gone or cannot be written; it is still shown.
    """
    assert live is not None
    assert live.shown is not None
    assert live.location is not None
    from ...scene.find import find_preview

    preview: Any = find_preview(LIVE_ID, "")
    location = xyz(preview.location) if preview else live.location
    live.shown.keep_draft()
    folder, live.shown, live.location, live.asked = live.shown, None, None, None
    import_result.remove_preview(LIVE_ID)
    return import_result.import_object(folder, ImportTarget(scene.name, location), again=True)


def discard(folder: JobFolder) -> None:
    """Delete the folder of a draft; what cannot be deleted now is deleted when Blender starts again."""
    try:
        delete_result(folder)
    except InvalidJob:
        return
