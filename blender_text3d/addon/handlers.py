# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's handlers: a file was loaded, and before and after undo and redo."""

import bpy
from bpy.app.handlers import persistent

from .assets.pending import pending_catalogs
from .jobs import job_scan, live, poll_timer, queue_list
from .jobs.finished_views import restore_views
from .jobs.replacement import is_in_file
from .one_shot_timer import cancel, schedule
from .settings.choices import choices
from .state.session_state import state

SCAN_AFTER_S = 1.5


@persistent
def on_load(*_: object) -> None:
    """Offer running jobs when they are done, since their file is closed, and remove previews saved in the new file.

    A job that replaces an object goes on if the object is in the new file, as after File > Revert.
    """
    for job in list(state.jobs.values()):
        job.target = job.target if job.target and is_in_file(job.target.replaced) else None
        if job.end and job.target is None:
            poll_timer.offer_import(job)
    live.turn_off()
    pending_catalogs.clear()
    remove_stale()
    queue_list.refresh()  # the file may have brought a list of its own
    restore_views(getattr(bpy.context.scene, "text3d", None))
    scan_jobs()


@persistent
def before_undo(*_: object) -> None:
    """Remove what would crash an undo: objects that no step contains, and outdated view layers."""
    from ..scene.collection import refresh_view_layers
    from ..scene.preview_object import hide_previews

    hide_previews()
    refresh_view_layers()


@persistent
def on_undo(*_: object) -> None:
    """Remove previews of ended jobs, which an older state may contain, and show those of running jobs again."""
    for job in state.running:
        job.has_new_preview = True
    live.show_again()
    schedule(remove_stale, 0.0)


def remove_stale() -> None:
    """Remove previews of jobs that are not active."""
    from ..scene.preview_object import delete_previews

    delete_previews(keep={job_id for job_id, job in state.jobs.items() if job.target} | live.shown_ids())


def scan_jobs() -> None:
    """Start to scan for jobs of earlier sessions."""
    job_scan.start_scan(choices().jobs_dir)
    poll_timer.start()


@persistent
def on_save(*_: object) -> None:
    """Add the asset catalogs that a new file had no folder for."""
    if pending_catalogs:
        from .assets.library import write_pending_catalogs

        write_pending_catalogs()


HANDLERS = (
    (bpy.app.handlers.save_post, on_save),
    (bpy.app.handlers.load_post, on_load),
    (bpy.app.handlers.undo_pre, before_undo),
    (bpy.app.handlers.redo_pre, before_undo),
    (bpy.app.handlers.undo_post, on_undo),
    (bpy.app.handlers.redo_post, on_undo),
)


def add() -> None:
    """Add the handlers, and scan for jobs once Blender has drawn its window."""
    for listeners, listener in HANDLERS:
        listeners.append(listener)
    if not bpy.app.background:
        schedule(scan_jobs, SCAN_AFTER_S)


def remove() -> None:
    """Remove the handlers and timers."""
    for listeners, listener in HANDLERS:
        if listener in listeners:
            listeners.remove(listener)
    for timer in (scan_jobs, remove_stale):
        cancel(timer)
