# SPDX-License-Identifier: GPL-3.0-or-later
"""The timer that reads what the worker wrote, shows it, and brings finished objects in.

Blender's window runs it as a timer. Without a window timers never fire, so run_until_done drives the same tick.
"""

import time
import traceback
from collections import deque

import bpy

from ...protocol.events import Failed, Finished
from ...protocol.failures import Reason
from .. import redraw
from ..background.weights_task import weights_task
from ..state.problem import Problem
from ..state.session_state import ActiveJob, apply_event, state
from . import image_icons, import_result, job_scan, orphan_jobs
from .previews import show_newest_preview

INTERVAL_S = 0.1

tick_times_ms: deque[float] = deque(maxlen=20_000)
import_times_ms: deque[float] = deque(maxlen=1_000)


def start() -> None:
    """See to it that ticks come while there is something to follow."""
    if not bpy.app.background and not bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.register(on_timer, first_interval=INTERVAL_S, persistent=True)


def stop() -> None:
    """No more ticks."""
    if bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.unregister(on_timer)


def on_timer() -> float | None:
    """One tick; None ends the timer.

    An object is brought in by a tick of its own: it takes as long as Blender needs for a mesh of its size.
    """
    try:
        tick_once()
    except Exception as error:  # a timer that raises is dropped by Blender, and every job with it
        traceback.print_exc()
        state.problem = Problem(
            f"Internal error: {error!r}.", "Report it with the output of the system console.", Reason.OWN_ERROR
        )
    return INTERVAL_S if has_work() else None


def tick_once() -> None:
    """Bring one object in, or read the news."""
    waiting = state.finished
    if waiting and not import_result.reason_to_wait():
        timed(import_times_ms, import_object, waiting[0])
    else:
        timed(tick_times_ms, tick)


def has_work() -> bool:
    """Whether the next tick will find something to do."""
    return bool(state.jobs or state.orphaned) or job_scan.is_scanning()


def timed(times_ms: deque[float], do, *arguments) -> None:
    """Call, and note how long it kept Blender from drawing."""
    began = time.perf_counter()
    do(*arguments)
    times_ms.append((time.perf_counter() - began) * 1000)


def tick(*, is_watched: bool = True) -> None:
    """Read the news, show the newest preview, look for older jobs; never longer than Blender can spare.

    Args:
        is_watched: Whether there is a viewport to show previews in.
    """
    poll_events()
    if is_watched:
        for job in state.running[:1]:
            show_newest_preview(job)
        redraw.panels()
    job_scan.scan_for()
    orphan_jobs.poll_one()


def poll_events() -> None:
    """Feed each event to its job."""
    for folder, event in state.session.poll() if state.session else ():
        job = state.jobs.get(folder.job_id)
        if job is None:
            continue
        apply_event(job, event)
        if job.request.image:
            image_icons.refresh_job_icon(folder)
        if job.end == Failed.kind and job.request.model in weights_task.NEED_FILES and not bpy.app.background:
            weights_task.refresh()  # files may be missing, or one was found broken and put aside
        if job.end and job.end != Finished.kind:
            import_result.remove_preview(folder.job_id)
        elif job.end and job.target is None:
            offer_import(job)


def import_object(job: ActiveJob) -> None:
    """The finished object, placed; the job is then no longer ours."""
    state.jobs.pop(job.folder.job_id, None)
    import_result.import_object(job.folder, job.target)
    redraw.panels()


def offer_import(job: ActiveJob) -> None:
    """A job whose file was closed is offered, not imported into another."""
    state.jobs.pop(job.folder.job_id, None)
    state.ready.insert(0, job.folder)


def run_until_done(jobs: list[ActiveJob]) -> None:
    """Tick until these jobs have ended, and bring their objects in. For Blender without a window."""
    try:
        while any(not job.end for job in jobs):
            timed(tick_times_ms, lambda: tick(is_watched=False))
            time.sleep(INTERVAL_S / 2)
    except KeyboardInterrupt:
        state.session.cancel_all()
        raise
    for job in jobs:
        if job.end == Finished.kind and job.folder.job_id in state.jobs:
            timed(import_times_ms, import_object, job)
