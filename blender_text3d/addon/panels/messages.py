# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages in the panel: the last problem with its fixes, notices, and jobs of earlier sessions."""

import bpy

from ...protocol.caption import alternative_captions
from ..background.environment_task import environment_task
from ..state.active_job import ActiveJob
from ..state.count_text import counted
from ..state.problem import Problem
from ..state.session_state import has_running_worker, state
from ..state.time_estimate import estimate_time, format_duration
from . import conflicts, doctor, fix_buttons, weights
from .environment import draw_set_up_progress
from .sidebar import SidebarPanel
from .text_wrap import draw_wrapped

STALL_AFTER_S = 60.0
UNFINISHED_SHARE = 0.65
NOTICE_SHARE = 0.88
"""Fraction of the row width that the text takes; the Dismiss button gets the rest."""


class TEXT3D_PT_messages(SidebarPanel, bpy.types.Panel):
    """Every current message, below all settings, which stay in place when one comes or goes."""

    bl_label = "Messages"
    bl_parent_id = "TEXT3D_PT_main"
    bl_options = {"HIDE_HEADER"}

    def draw(self, context: bpy.types.Context) -> None:
        draw(self.layout, context)


CLASSES = (TEXT3D_PT_messages,)


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw every current message."""
    if state.running and (text := stall_message(state.running[0])):
        layout.label(text=text, icon="TIME")
    if environment_task.is_running():
        draw_set_up_progress(layout.box(), context)
    elif state.problem:
        draw_problem(layout.box(), state.problem, context)
    conflicts.draw(layout, context)
    doctor.draw(layout, context)
    weights.draw_progress(layout)
    weights.draw_missing(layout, context)
    draw_estimate_note(layout, context)
    for notice in current_notices():
        draw_notice(layout.box(), notice, context)
    draw_earlier_jobs(layout)


def stall_message(job: ActiveJob) -> str:
    """Return a note if a live worker has reported nothing for a while, or ""; an exit is reported at once."""
    if job.silent_s < STALL_AFTER_S or not has_running_worker():
        return ""
    return f"Still running, last update {format_duration(job.silent_s)} ago"


def draw_estimate_note(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw a note if a long time is only estimated."""
    expected = estimate_time(context.scene.text3d)
    if expected and expected.is_slow and not expected.is_measured:
        layout.label(text="Estimate, not measured here", icon="TIME")


def current_notices() -> list[str]:
    """Return the notices whose cause is still there; one about a job goes with the job's object."""
    return [message for message, job_id in state.notices.items() if not job_id or is_present(job_id)]


def is_present(job_id: str) -> bool:
    """True if a job is in the queue, or its object in the file."""
    if job_id in state.jobs or job_id in state.ended:
        return True
    from ...scene.data_access import custom_property
    from ...scene.names import JOB_ID

    target = bpy.data.objects.get(state.results.get(job_id, ""))
    return target is not None and custom_property(target, JOB_ID) == job_id


def draw_earlier_jobs(layout: bpy.types.UILayout) -> None:
    """Draw a box each for finished, running and queued jobs of earlier sessions."""
    if state.ready:
        draw_offer(layout.box())
    if state.orphaned:
        row = layout.box().row()
        row.label(text=running_text(len(state.orphaned)), icon="TIME")
        row.operator("text3d.leave_jobs", text="", icon="X").job_id = ""
    if state.unclaimed:
        split = layout.box().split(factor=UNFINISHED_SHARE)
        split.label(text=counted(len(state.unclaimed), "unfinished job"), icon="TIME")
        split.operator("text3d.resume_jobs")


def running_text(count: int) -> str:
    """Return how many jobs of an earlier session are running."""
    return f"{counted(count, 'earlier job')} running"


def draw_problem(box: bpy.types.UILayout, problem: Problem, context: bpy.types.Context) -> None:
    """Draw the problem and the buttons that fix it."""
    box.alert = True
    draw_wrapped(box, str(problem), "ERROR", context)
    row = box.row(align=True)
    row.alert = False
    fix_buttons.draw_all(row, problem.buttons, problem.model)
    row.operator("text3d.dismiss_message", text="", icon="X").message = ""


def draw_notice(box: bpy.types.UILayout, notice: str, context: bpy.types.Context) -> None:
    """Draw a notice of a job or a background process, with Dismiss."""
    row = box.row()
    draw_wrapped(row.column(), notice, "INFO", context, share=NOTICE_SHARE)
    row.operator("text3d.dismiss_message", text="", icon="X", emboss=False).message = notice
    if captions := alternative_captions(notice):
        buttons = box.row(align=True)
        for caption in captions:
            buttons.operator("text3d.use_prompt", text=caption.split()[-1].capitalize()).prompt = caption


def draw_offer(box: bpy.types.UILayout) -> None:
    """Draw the number of finished objects of earlier sessions, with Import and Dismiss."""
    box.label(text=f"{counted(len(state.ready), 'finished object')} not imported yet", icon="PACKAGE")
    row = box.row(align=True)
    row.operator("text3d.import_job", text="Import").job_id = ""
    row.operator("text3d.dismiss_job", text="", icon="X").job_id = ""
