# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of jobs: running, waiting, failed and canceled ones, and finished ones that were never imported."""

import bpy

from ..jobs import image_icons
from ..state.session_state import ActiveJob, state
from .images import MODEL_INPUT, draw_image
from .sidebar import SidebarPanel

MAX_LISTED = 10
NAME_SHARE = 0.6
STATUS = {"waiting": "Waiting", "finished": "Ready", "failed": "Failed", "cancelled": "Canceled"}
"""Text by the state of a job; a running one shows its progress."""


class TEXT3D_PT_jobs(SidebarPanel, bpy.types.Panel):
    """All jobs of this session, and those earlier sessions left."""

    bl_label = "Jobs"
    bl_parent_id = "TEXT3D_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        if state.jobs:
            self.layout.label(text=str(len(state.jobs)))

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        for job in state.jobs.values():
            draw_job(layout, job)
            if job.request.image:
                draw_image(layout, image_icons.job_icon(job.folder), MODEL_INPUT)
        for job in list(reversed(state.ended.values()))[:MAX_LISTED]:
            draw_ended(layout, job)
        if not state.queue:
            layout.label(text="No jobs")
        draw_orphaned(layout)
        draw_ready(layout)
        row = layout.row()
        row.operator("text3d.find_jobs", icon="VIEWZOOM")
        row.operator("text3d.free_memory", icon="TRASH")


def draw_job(layout: bpy.types.UILayout, job: ActiveJob) -> None:
    """Draw one job: name and seed, state, and a button that cancels it."""
    row = draw_name(layout, job, "PLAY" if job.status == "running" else "TIME")
    row.label(text=STATUS.get(job.status) or f"{min(job.share_done, 1.0):.0%}")
    if not job.end:
        row.operator("text3d.cancel", text="", icon="X").job_id = job.folder.job_id


def draw_ended(layout: bpy.types.UILayout, job: ActiveJob) -> None:
    """Draw a failed or canceled job with Retry and Remove."""
    row = draw_name(layout, job, "ERROR" if job.problem else "CANCEL")
    row.label(text=STATUS[job.status])
    row.operator("text3d.retry_job", text="", icon="FILE_REFRESH").job_id = job.folder.job_id
    row.operator("text3d.remove_job", text="", icon="X").job_id = job.folder.job_id


def draw_name(layout: bpy.types.UILayout, job: ActiveJob, icon: str) -> bpy.types.UILayout:
    """Draw the name and the seed of a job; return the row for the rest, which no long name pushes away."""
    split = layout.split(factor=NAME_SHARE)
    split.label(text=f"{job.name}  ({job.request.seed})", icon=icon)
    return split.row(align=True)


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
        row.label(text=folder.job_id, icon="PACKAGE")
        row.operator("text3d.import_job", text="", icon="IMPORT").job_id = folder.job_id
        row.operator("text3d.dismiss_job", text="", icon="X").job_id = folder.job_id


CLASSES = (TEXT3D_PT_jobs,)
