# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue: running, waiting, failed and canceled jobs in a list, and finished ones that were never imported."""

from typing import Any

import bpy

from ...protocol.job_folder import JobFolder
from ..jobs import image_icons, queue_list, queue_order
from ..state.queue_time import seconds_left
from ..state.session_state import ActiveJob, state
from ..state.time_estimate import format_duration
from .images import MODEL_INPUT, draw_image
from .sidebar import SidebarPanel

MAX_LISTED = 10
MIN_ROWS, MAX_ROWS = 5, 10
NAME_SHARE = 0.55
STATUS = {"waiting": "Waiting", "finished": "Ready", "failed": "Failed", "cancelled": "Canceled"}
"""Text by the state of a job; a running one shows its progress."""
PROMPT_ICON, IMAGE_ICON = "FONT_DATA", "IMAGE_DATA"
"""Icons of jobs without a thumbnail, by what the object is generated from."""


class TEXT3D_UL_queue(bpy.types.UIList):
    """Rows of the queue."""

    def draw_item(
        self, context: Any, layout: Any, data: Any, item: Any, icon: int, active_data: Any, active_property: str
    ) -> None:
        job = queue_list.job_of(item.job_id)
        if job is not None:
            draw_job(layout, job)

    def draw_filter(self, context: Any, layout: Any) -> None:
        """Draw nothing: a sorted list would not show the order in which jobs run."""


class TEXT3D_PT_jobs(SidebarPanel, bpy.types.Panel):
    """All jobs of this session, and those earlier sessions left."""

    bl_label = "Queue"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        if state.running:
            self.layout.label(text=header_text())

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        if state.queue:
            draw_queue(layout, context.window_manager)
        else:
            layout.label(text="No jobs")
        draw_orphaned(layout)
        draw_ready(layout)
        row = layout.row()
        row.operator("text3d.find_jobs", icon="VIEWZOOM")
        row.operator("text3d.free_memory", icon="TRASH")


def header_text() -> str:
    """Return the number of jobs that have not ended, and the time until they are done."""
    count, seconds = len(state.running), queue_list.total_seconds()
    jobs = f"{count} job{'s' * (count != 1)}"
    return jobs if seconds is None else f"{jobs} · {format_duration(seconds)}"


def draw_queue(layout: bpy.types.UILayout, manager: bpy.types.WindowManager) -> None:
    """Draw the list with its buttons, and the image of the selected job."""
    selected = queue_list.job_of(queue_list.selected_id())
    row, rows = layout.row(), min(max(len(state.queue), MIN_ROWS), MAX_ROWS)
    row.template_list(
        "TEXT3D_UL_queue", "", manager, queue_list.NAME, manager, queue_list.INDEX_NAME, rows=rows
    )  # fmt: skip
    draw_buttons(row.column(align=True), selected)
    if selected and selected.request.image and not selected.end:
        draw_image(layout, image_icons.job_icon(selected.folder), MODEL_INPUT)


def draw_buttons(column: bpy.types.UILayout, selected: ActiveJob | None) -> None:
    """Draw the buttons of the queue, and those of the selected job; the ones that do not fit it are grayed out."""
    job_id = selected.folder.job_id if selected else ""
    is_ended = job_id in state.ended
    moves = column.column(align=True)
    moves.enabled = selected in queue_order.movable_jobs()
    for direction, icon in ((queue_order.UP, "TRIA_UP"), (queue_order.DOWN, "TRIA_DOWN")):
        button = moves.operator("text3d.queue_move", text="", icon=icon)
        button.job_id, button.direction = job_id, direction
    if state.is_paused:
        column.operator("text3d.queue_resume", text="", icon="PLAY")
    else:
        column.operator("text3d.queue_pause", text="", icon="PAUSE")
    retry, end = column.column(align=True), column.column(align=True)
    retry.enabled = is_ended
    retry.operator("text3d.retry_job", text="", icon="FILE_REFRESH").job_id = job_id
    end.enabled = is_ended or (selected is not None and not selected.end)
    end.operator("text3d.remove_job" if is_ended else "text3d.cancel", text="", icon="X").job_id = job_id


def draw_job(layout: bpy.types.UILayout, job: ActiveJob) -> None:
    """Draw one job: thumbnail, name and seed, state and time left."""
    split = layout.split(factor=NAME_SHARE)
    draw_name(split, job.folder, f"{job.name}  ({job.request.seed})", IMAGE_ICON if job.request.image else PROMPT_ICON)
    status = split.row()
    status.alert = job.status == "failed"
    status.label(text=status_text(job))


def draw_name(layout: bpy.types.UILayout, folder: JobFolder, name: str, icon: str) -> None:
    """Draw the name of a job with its thumbnail, or with an icon until there is one."""
    thumbnail = image_icons.row_icon(folder)
    if thumbnail:
        layout.label(text=name, icon_value=thumbnail)
    else:
        layout.label(text=name, icon=icon)


def status_text(job: ActiveJob) -> str:
    """Return the state of a job, with the time that it takes, or still takes."""
    if job.is_cancel_requested and not job.end:
        return "Canceling…"
    text = "Paused" if queue_order.is_held(job) else STATUS.get(job.status) or f"{min(job.share_done, 1.0):.0%}"
    seconds = None if job.end else seconds_left(job)
    return text if seconds is None else f"{text} · {format_duration(seconds)}"


def draw_orphaned(layout: bpy.types.UILayout) -> None:
    """Draw the jobs of earlier sessions that are still running."""
    for folder in state.orphaned[:MAX_LISTED]:
        row = layout.row(align=True)
        row.label(text=folder.job_id, icon="TIME")
        row.operator("text3d.leave_jobs", text="", icon="X").job_id = folder.job_id


def draw_ready(layout: bpy.types.UILayout) -> None:
    """Draw the finished jobs of earlier sessions, newest first."""
    for folder in state.ready[:MAX_LISTED]:
        row = layout.row(align=True)
        draw_name(row, folder, folder.job_id, "PACKAGE")
        row.operator("text3d.import_job", text="", icon="IMPORT").job_id = folder.job_id
        row.operator("text3d.dismiss_job", text="", icon="X").job_id = folder.job_id


CLASSES = (TEXT3D_UL_queue, TEXT3D_PT_jobs)
