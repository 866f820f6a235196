# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender tells us: a file was loaded, a step is being undone or was."""

import bpy
from bpy.app.handlers import persistent

from .jobs import job_scan, poll_timer
from .settings.choices import choices
from .state.session_state import state

SCAN_AFTER_S = 1.5


@persistent
def on_load(*_: object) -> None:
    """Another file: what runs goes on and is offered when done; previews that were saved in this file go."""
    for job in list(state.jobs.values()):
        job.target = None
        if job.end:
            poll_timer.offer_import(job)
    remove_stale()
    scan_jobs()


@persistent
def before_undo(*_: object) -> None:
    """Undoing must not meet an object that no step knows, nor lists of objects that are out of date."""
    from ..scene.collection import refresh_view_layers
    from ..scene.preview_object import hide_previews

    hide_previews()
    refresh_view_layers()


@persistent
def on_undo(*_: object) -> None:
    """An older state of the file may hold the previews of jobs that have ended since; those of others come back."""
    for job in state.running:
        job.has_new_preview = True
    schedule(remove_stale, 0.0)


def remove_stale() -> None:
    """Remove previews that nothing feeds any more."""
    from ..scene.preview_object import delete_previews

    delete_previews(keep={job_id for job_id, job in state.jobs.items() if job.target})


def scan_jobs() -> None:
    """Let the next ticks look for jobs that earlier sessions left."""
    job_scan.start_scan(choices().jobs_dir)
    poll_timer.start()


def schedule(do, after_s: float) -> None:
    """Call once from a timer; at once where timers never fire."""
    if bpy.app.background:
        do()
    elif not bpy.app.timers.is_registered(do):
        bpy.app.timers.register(do, first_interval=after_s, persistent=True)


HANDLERS = (
    (bpy.app.handlers.load_post, on_load),
    (bpy.app.handlers.undo_pre, before_undo),
    (bpy.app.handlers.redo_pre, before_undo),
    (bpy.app.handlers.undo_post, on_undo),
    (bpy.app.handlers.redo_post, on_undo),
)


def add() -> None:
    """Begin to listen, and look for offers once Blender has drawn its window."""
    for listeners, listener in HANDLERS:
        listeners.append(listener)
    if not bpy.app.background:
        schedule(scan_jobs, SCAN_AFTER_S)


def remove() -> None:
    """Listen no more."""
    for listeners, listener in HANDLERS:
        if listener in listeners:
            listeners.remove(listener)
    for timer in (scan_jobs, remove_stale):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
