# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of jobs: those at work and waiting, and finished ones that were never imported."""

import bpy

from ..jobs import image_icons
from ..state.session_state import ActiveJob, state
from .main import SEEN, Text3DPanel, draw_picture, progress_words

MAX_OFFERS = 10


class TEXT3D_PT_jobs(Text3DPanel, bpy.types.Panel):
    """Everything that runs, waits, or was left behind."""

    bl_label = "Jobs"
    bl_parent_id = "TEXT3D_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        if state.jobs:
            self.layout.label(text=str(len(state.jobs)))

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        for job in state.jobs.values():
            draw_job(layout.row(align=True), job)
            if job.request.image:
                draw_picture(layout, image_icons.icon_of_job(job.folder), SEEN)
        if not state.jobs:
            layout.label(text="Nothing is being made.")
        draw_underway(layout)
        draw_offers(layout)
        row = layout.row()
        row.operator("text3d.find_jobs", icon="VIEWZOOM")
        row.operator("text3d.free_memory", icon="TRASH")


def draw_job(row: bpy.types.UILayout, job: ActiveJob) -> None:
    """One job: prompt, seed, state, a cross."""
    row.label(text=f"{job.request.prompt}  ({job.request.seed})", icon="PLAY" if job.stage != "queued" else "TIME")
    row.label(text="Ready" if job.end else progress_words(job) if job.stage != "queued" else "Waiting")
    if not job.end:
        row.operator("text3d.cancel", text="", icon="X").job_id = job.folder.job_id


def draw_underway(layout: bpy.types.UILayout) -> None:
    """Jobs of earlier sessions that a worker still makes, as far as can be seen."""
    for folder in state.underway[:MAX_OFFERS]:
        row = layout.row(align=True)
        row.label(text=folder.job_id, icon="TIME")
        row.operator("text3d.leave_jobs", text="", icon="X").job_id = folder.job_id


def draw_offers(layout: bpy.types.UILayout) -> None:
    """Finished jobs of earlier sessions, the newest first."""
    for folder in state.offers[:MAX_OFFERS]:
        row = layout.row(align=True)
        row.label(text=folder.job_id, icon="PACKAGE")
        row.operator("text3d.import_job", text="", icon="IMPORT").job_id = folder.job_id
        row.operator("text3d.dismiss_job", text="", icon="X").job_id = folder.job_id


CLASSES = (TEXT3D_PT_jobs,)
