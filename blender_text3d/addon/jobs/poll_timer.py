# SPDX-License-Identifier: GPL-3.0-or-later
"""The timer that reads events, shows previews and imports finished objects.

In background mode timers never fire, so run_until_done runs the same tick.
"""

import math
import time
import traceback
from collections import deque

import bpy

from ...protocol.events import Failed, Finished
from ...protocol.failures import Reason
from .. import redraw, status_line
from ..background.weights_task import weights_task
from ..state.active_job import ActiveJob
from ..state.problem import Problem
from ..state.session_state import apply_event, state
from . import image_icons, import_result, job_scan, orphan_jobs, queue_list, turntable
from .previews import show_newest_preview, watch
from .steps import take_steps

INTERVAL_S = 0.1
POLL_INTERVAL_S = 0.02
"""Events of a running job are read more often than ticks are due, so that no object waits to be imported."""

_last_tick_s = [-math.inf]
tick_times_ms: deque[float] = deque(maxlen=20_000)
import_times_ms: deque[float] = deque(maxlen=1_000)


def start() -> None:
    """Start the timer, which runs as long as there is work."""
    if not bpy.app.background and not bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.register(on_timer, first_interval=INTERVAL_S, persistent=True)


def stop() -> None:
    """Stop the timer."""
    if bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.unregister(on_timer)


def on_timer() -> float | None:
    """Run one tick. Return the time until the next one in seconds, or None to end the timer.

    An import gets a tick of its own, since it takes as long as Blender needs for a mesh of that size.
    """
    try:
        tick_once()
    except Exception as error:  # a timer that raises is dropped by Blender, and every job with it
        traceback.print_exc()
        state.problem = Problem(
            f"Internal error: {error!r}.", "Report it with the output of the system console.", Reason.OWN_ERROR
        )
    if not has_work():
        return None
    if state.finished and not import_result.reason_to_wait():
        return 0.0
    return POLL_INTERVAL_S if state.jobs else INTERVAL_S


def tick_once() -> None:
    """Import one object, or read events; the rest of a tick is due every `INTERVAL_S`."""
    waiting = state.finished
    if waiting and not import_result.reason_to_wait():
        timed(import_times_ms, import_object, waiting[0])
    elif time.monotonic() - _last_tick_s[0] >= INTERVAL_S:
        timed(tick_times_ms, tick)
    else:
        timed(tick_times_ms, poll_events)


def has_work() -> bool:
    """True if the next tick has something to do."""
    is_writing = state.session is not None and bool(state.session.jobs)  # files of objects that are here already
    is_waiting = bool(state.jobs or state.drafts or state.orphaned or turntable.waiting)
    return is_waiting or is_writing or job_scan.is_scanning()


def timed(times_ms: deque[float], do, *arguments) -> None:
    """Call a function and record how long it blocked Blender."""
    start_s = time.perf_counter()
    do(*arguments)
    times_ms.append((time.perf_counter() - start_s) * 1000)


def tick(*, is_watched: bool = True) -> None:
    """Read events, show the newest preview and scan for older jobs, within a few milliseconds.

    Args:
        is_watched: True if there is a viewport to show previews in.
    """
    _last_tick_s[0] = time.monotonic()
    poll_events()
    watch(state.running[0].folder if is_watched and state.running and redraw.has_viewport() else None)
    if is_watched:
        for job in state.running[:1]:
            show_newest_preview(job)
        redraw.panels()
    job_scan.scan_for()
    orphan_jobs.poll_one()
    queue_list.refresh()
    turntable.start_ready()


def poll_events() -> None:
    """Apply each new event to its job."""
    for folder, event in state.session.poll() if state.session else ():
        job = state.jobs.get(folder.job_id)
        if job is None:
            state.apply_draft_event(folder, event)
            if isinstance(event, Failed) and folder.job_id in state.results:
                state.notice(f"{event.message} {event.fix}", folder.job_id)
            continue
        apply_event(job, event)
        if job.request.image or job.end == Finished.kind:
            image_icons.refresh_job_icon(folder)
        if job.end == Failed.kind and job.request.model in weights_task.NEED_FILES and not bpy.app.background:
            weights_task.refresh()  # files may be missing or quarantined
        if job.end and job.end != Finished.kind:
            import_result.remove_preview(folder.job_id)
        elif job.end and job.target is None:
            offer_import(job)


def import_object(job: ActiveJob) -> None:
    """Import a finished job and stop following it."""
    state.jobs.pop(job.folder.job_id, None)
    is_turntable = job.folder.job_id in turntable.waiting
    if job.target is not None and not is_turntable and not take_steps(job.folder, job.target):
        made = import_result.import_object(job.folder, job.target, selection=job.selection)
        if made and not job.target.is_on_sheet:
            status_line.show_done(job.name, made, time.monotonic() - job.began_at)
    queue_list.refresh()
    redraw.panels()


def offer_import(job: ActiveJob) -> None:
    """Offer a job whose .blend file was closed, instead of importing it into another file."""
    state.jobs.pop(job.folder.job_id, None)
    state.ready.insert(0, job.folder)
    job_scan.remember_request(job.folder)


def run_until_done(jobs: list[ActiveJob]) -> None:
    """Run ticks until all files of these jobs are written, then import their objects. For background mode.

    Jobs that wait for the end of a pause are left in the queue.
    """
    try:
        while is_any_open(jobs):
            timed(tick_times_ms, lambda: tick(is_watched=False))
            time.sleep(INTERVAL_S / 2)
    except KeyboardInterrupt:
        if state.session:
            state.session.cancel_all()
        raise
    for job in jobs:
        if job.end == Finished.kind and job.folder.job_id in state.jobs:
            timed(import_times_ms, import_object, job)


def is_any_open(jobs: list[ActiveJob]) -> bool:
    """True until the jobs have ended and all of their files are written; those that a pause holds do not count."""
    held = set(state.session.held) if state.session else set()
    unwritten = set(state.session.jobs) - held if state.session else set()
    return any((not job.end and job.folder not in held) or job.folder in unwritten for job in jobs)
