# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue: running, waiting, failed and canceled jobs, those of other processes, and finished ones to import."""

from typing import Any

import bpy

from ...client.other_jobs import EARLIER_SESSION, OTHER_BLENDER, OTHER_MACHINE, TERMINAL_SCRIPT, OtherJob
from ...protocol.job_folder import JobFolder
from ..jobs import image_icons, queue_list, queue_order, queue_timer
from ..state.active_job import ActiveJob
from ..state.count_text import counted
from ..state.queue_time import seconds_left
from ..state.session_state import state
from ..state.time_estimate import format_duration
from . import run
from .images import MODEL_INPUT, draw_image
from .sidebar import SidebarPanel

MAX_LISTED = 10
MIN_ROWS, MAX_ROWS = 5, 10
NAME_SHARE, OTHER_NAME_SHARE = 0.55, 0.34
MAX_PROMPT_LENGTH = 300
STATUS = {"waiting": "Waiting", "finished": "Ready", "failed": "Failed", "cancelled": "Canceled"}
"""Text by the state of a job; a running one shows its progress."""
PROMPT_ICON, IMAGE_ICON = "FONT_DATA", "IMAGE_DATA"
"""Icons of jobs without a thumbnail, by what the object is generated from."""


OWNERS = {
    EARLIER_SESSION: ("Earlier session", "RECOVER_LAST"),
    OTHER_BLENDER: ("Other Blender", "BLENDER"),
    TERMINAL_SCRIPT: ("Terminal", "CONSOLE"),
    OTHER_MACHINE: ("Remote", "URL"),
}
"""Text and icon by whose job it is."""


class TEXT3D_UL_queue(bpy.types.UIList):
    """Rows of the queue."""

    def draw_item(
        self, context: Any, layout: Any, data: Any, item: Any, icon: int, active_data: Any, active_property: str
    ) -> None:
        job = queue_list.job_of(item.job_id)
        if job is not None:
            draw_job(layout, job)
        elif item.job_id in state.others:
            draw_other(layout, state.others[item.job_id])

    def draw_filter(self, context: Any, layout: Any) -> None:
        """Draw nothing: a sorted list would not show the order in which jobs run."""


class TEXT3D_PT_jobs(SidebarPanel, bpy.types.Panel):
    """All jobs of this session, of other processes, and those that earlier sessions left."""

    bl_label = "Queue"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        if state.running:
            self.layout.label(text=header_text())

    def draw(self, context: bpy.types.Context) -> None:
        queue_timer.note_drawn()
        layout = self.layout
        run.draw(layout)
        if state.queue or state.others:
            draw_queue(layout, context.window_manager)
        else:
            layout.label(text="No jobs")
        draw_ready(layout)
        row = layout.row()
        row.operator("text3d.find_jobs", icon="VIEWZOOM")
        row.operator("text3d.free_memory", icon="TRASH")


def header_text() -> str:
    """Return the number of jobs that have not ended, and the time until they are done."""
    count, seconds = len(state.running), queue_list.total_seconds()
    jobs = counted(count, "job")
    return jobs if seconds is None else f"{jobs} · {format_duration(seconds)}"


def draw_queue(layout: bpy.types.UILayout, manager: bpy.types.WindowManager) -> None:
    """Draw the list with its buttons, and what a row has no room for: seed, name and image of the selected job."""
    job_id = queue_list.selected_id()
    selected = queue_list.job_of(job_id)
    row, rows = layout.row(), min(max(len(state.queue) + len(state.others), MIN_ROWS), MAX_ROWS)
    row.template_list(
        "TEXT3D_UL_queue", "", manager, queue_list.NAME, manager, queue_list.INDEX_NAME, rows=rows
    )  # fmt: skip
    draw_buttons(row.column(align=True), job_id, selected)
    if name := selected_text(job_id, selected):
        details = layout.row()
        details.active = False
        details.label(text=name)
    if selected and selected.request.image and not selected.end:
        draw_image(layout, image_icons.job_icon(selected.folder), MODEL_INPUT)


def selected_text(job_id: str, selected: ActiveJob | None) -> str:
    """Return seed and name of the selected job, or "" without one."""
    other = state.others.get(job_id)
    if selected:
        return f"Seed {selected.request.seed}  ·  {selected.name}"
    return f"Seed {other.seed}  ·  {other.prompt[:MAX_PROMPT_LENGTH]}" if other else ""


def draw_buttons(column: bpy.types.UILayout, job_id: str, selected: ActiveJob | None) -> None:
    """Draw the buttons of the queue, and those of the selected job; the ones that do not fit it are grayed out."""
    moves = column.column(align=True)
    moves.enabled = selected in queue_order.movable_jobs()
    for direction, icon in ((queue_order.UP, "TRIA_UP"), (queue_order.DOWN, "TRIA_DOWN")):
        button = moves.operator("text3d.queue_move", text="", icon=icon)
        button.job_id, button.direction = job_id, direction
    if state.is_paused:
        column.operator("text3d.queue_resume", text="", icon="PLAY")
    else:
        column.operator("text3d.queue_pause", text="", icon="PAUSE")
    retry = column.column(align=True)
    retry.enabled = job_id in state.ended
    retry.operator("text3d.retry_job", text="", icon="FILE_REFRESH").job_id = job_id
    draw_end(column.column(align=True), job_id, selected)
    files = column.column(align=True)
    files.enabled = bool(job_id)
    files.operator("text3d.result_reveal", text="", icon="FILE_FOLDER").job_id = job_id


def draw_end(column: bpy.types.UILayout, job_id: str, selected: ActiveJob | None) -> None:
    """Draw the button that cancels or removes the selected job; other processes keep theirs."""
    is_orphaned = any(folder.job_id == job_id for folder in state.orphaned)
    column.enabled = is_orphaned or job_id in state.ended or (selected is not None and not selected.end)
    name = "leave_jobs" if is_orphaned else "remove_job" if job_id in state.ended else "cancel"
    column.operator(f"text3d.{name}", text="", icon="X").job_id = job_id


def draw_job(layout: bpy.types.UILayout, job: ActiveJob) -> None:
    """Draw one job: thumbnail, name and seed, state and time left."""
    split = layout.split(factor=NAME_SHARE)
    draw_name(
        split, job.folder, shown_name(job.name, job.request.seed), IMAGE_ICON if job.request.image else PROMPT_ICON
    )
    status = split.row()
    status.alert = job.status == "failed"
    status.label(text=status_text(job))


def shown_name(name: str, seed: int) -> str:
    """Return the name and the seed of a job in its row."""
    return f"{name[:MAX_PROMPT_LENGTH]}  ({seed})"


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
    text = "Paused" if queue_order.is_held(job) else STATUS.get(job.status) or f"{job.share_done:.0%}"
    seconds = None if job.end else seconds_left(job)
    return text if seconds is None else f"{text} · {format_duration(seconds)}"


def draw_other(layout: bpy.types.UILayout, other: OtherJob) -> None:
    """Draw a job of another process: thumbnail, prompt and seed, whose it is, and its state."""
    split = layout.split(factor=OTHER_NAME_SHARE)
    owner, icon = OWNERS[other.owner]
    draw_name(split, other.folder, shown_name(other.prompt, other.seed), icon)
    split.label(text=f"{owner} · {f'{other.share_done:.0%}' if other.is_running else STATUS['waiting']}")


def draw_ready(layout: bpy.types.UILayout) -> None:
    """Draw the finished jobs of earlier sessions, newest first."""
    for folder in state.ready[:MAX_LISTED]:
        row = layout.row(align=True)
        request = state.ready_requests.get(folder.job_id)
        name = shown_name(request.prompt, request.seed) if request else folder.job_id
        draw_name(row, folder, name, "PACKAGE")
        row.operator("text3d.import_job", text="", icon="IMPORT").job_id = folder.job_id
        row.operator("text3d.dismiss_job", text="", icon="X").job_id = folder.job_id


CLASSES = (TEXT3D_UL_queue, TEXT3D_PT_jobs)
