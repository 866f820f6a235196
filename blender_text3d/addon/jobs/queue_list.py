# SPDX-License-Identifier: GPL-3.0-or-later
"""WindowManager.text3d_queue: the IDs of the jobs in the queue and of other processes, for the list in the panel.

A panel must not write while it is drawn, so ticks and operators keep the IDs up to date. Undo leaves the lists of the
window manager alone.
"""

import time
from typing import Any

import bpy

from ..state.active_job import ActiveJob
from ..state.queue_time import queue_seconds
from ..state.session_state import state
from .job_scan import listed_others

NAME, INDEX_NAME = "text3d_queue", "text3d_queue_index"
TOTAL_EVERY_S = 1.0

_total: list[float | None] = [None]
_next_total_s = 0.0


class TEXT3D_QueueItem(bpy.types.PropertyGroup):
    """One row of the list. Rows are reused, so the job is looked up by its ID."""

    job_id: bpy.props.StringProperty(name="Job", description="Name of the job folder")


def refresh() -> None:
    """Bring the list up to date; the selected job stays selected."""
    global _next_total_s
    manager: Any = bpy.context.window_manager
    rows, ids = getattr(manager, NAME, None), listed_ids()
    if rows is None:  # the add-on is being disabled
        return
    shown = [row.job_id for row in rows]
    now_s = time.monotonic()
    if ids == shown and now_s < _next_total_s:
        return
    _total[0], _next_total_s = queue_seconds(state.running), now_s + TOTAL_EVERY_S
    if ids == shown:
        return
    selected = selected_id()
    write_ids(rows, shown, ids)
    index = ids.index(selected) if selected in ids else min(getattr(manager, INDEX_NAME), max(len(ids) - 1, 0))
    setattr(manager, INDEX_NAME, index)


def listed_ids() -> list[str]:
    """Return the IDs of this session's jobs, and then those of other processes."""
    own, others = state.queue, listed_others()
    return [*(job.folder.job_id for job in own), *(other.folder.job_id for other in others)]


def write_ids(rows: Any, shown: list[str], ids: list[str]) -> None:
    """Write the IDs into rows that show others; only rows that differ are written."""
    for _ in range(len(shown) - len(ids)):
        rows.remove(len(rows) - 1)
    for _ in range(len(ids) - len(shown)):
        rows.add()
    old = [*shown[: len(ids)], *[""] * (len(ids) - len(shown))]
    for place, (before, after) in enumerate(zip(old, ids, strict=True)):
        if before != after:
            rows[place].job_id = after


def selected_id() -> str:
    """Return the ID of the selected job, or ""."""
    manager: Any = bpy.context.window_manager
    rows, index = getattr(manager, NAME), getattr(manager, INDEX_NAME)
    return rows[index].job_id if 0 <= index < len(rows) else ""


def job_of(job_id: str) -> ActiveJob | None:
    """Return this session's job of a row, or None for others, and if it has left the queue."""
    return state.jobs.get(job_id) or state.ended.get(job_id)


def total_seconds() -> float | None:
    """Return the time until the queue is done, as of about a second ago; None if unknown."""
    return _total[0]


def add() -> None:
    """Add the list to the window manager; the class of its rows is registered."""
    properties: Any = bpy.props
    setattr(bpy.types.WindowManager, NAME, properties.CollectionProperty(type=TEXT3D_QueueItem))
    index = properties.IntProperty(name="Selected Job", description="Index of the selected job", min=0)
    setattr(bpy.types.WindowManager, INDEX_NAME, index)


def remove() -> None:
    """Remove the list."""
    getattr(bpy.context.window_manager, NAME).clear()
    delattr(bpy.types.WindowManager, INDEX_NAME)
    delattr(bpy.types.WindowManager, NAME)
