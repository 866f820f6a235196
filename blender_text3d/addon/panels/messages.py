# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages in the panel: the last problem with its fixes, notices, and jobs of earlier sessions."""

import bpy

from ..background.environment_task import environment_task
from ..settings.choices import choices
from ..state.problem import Problem, environment_problem
from ..state.session_state import state
from . import conflicts, doctor, fix_buttons, weights
from .environment import draw_environment, draw_set_up_progress
from .text_wrap import draw_wrapped


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw every current message."""
    if environment_task.is_running():
        draw_set_up_progress(layout, context)
    elif state.problem:
        draw_problem(layout.box(), state.problem, context)
    elif environment_problem(choices()):  # setup comes before the first object
        draw_environment(layout.box(), context)
    conflicts.draw(layout, context)
    doctor.draw(layout, context)
    draw_weights(layout, context)
    if state.notices:
        draw_notices(layout.box(), context)
    draw_earlier_jobs(layout)


def draw_earlier_jobs(layout: bpy.types.UILayout) -> None:
    """Draw a box each for finished, running and queued jobs of earlier sessions."""
    if state.ready:
        draw_offer(layout.box())
    if state.orphaned:
        row = layout.box().row()
        row.label(text=running_text(len(state.orphaned)), icon="TIME")
        row.operator("text3d.leave_jobs", text="", icon="X").job_id = ""
    if state.unclaimed:
        row = layout.box().row()
        row.label(text=counted(len(state.unclaimed), "unfinished job"), icon="TIME")
        row.operator("text3d.resume_jobs")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun in the singular or plural."""
    return f"{count} {noun}{'s' * (count != 1)}"


def running_text(count: int) -> str:
    """Return how many jobs of an earlier session are running."""
    return f"{counted(count, 'job')} from an earlier session {'is' if count == 1 else 'are'} running"


def draw_problem(box: bpy.types.UILayout, problem: Problem, context: bpy.types.Context) -> None:
    """Draw the problem and the buttons that fix it."""
    box.alert = True
    draw_wrapped(box, str(problem), "ERROR", context)
    row = box.row(align=True)
    row.alert = False
    fix_buttons.draw_all(row, problem.buttons, problem.model)
    row.operator("text3d.forget_trouble", text="", icon="X")


def draw_weights(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the running transfer, and the files missing for the chosen model or the one that failed."""
    weights.draw_progress(layout)
    models = [context.scene.text3d.model, *([state.problem.model] if state.problem else [])]
    for model in dict.fromkeys(models):
        weights.draw_model(layout, model, context)


def draw_notices(box: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the notices of jobs and background processes."""
    for notice in state.notices:
        draw_wrapped(box, notice, "INFO", context)


def draw_offer(box: bpy.types.UILayout) -> None:
    """Draw the number of finished objects of earlier sessions, with Import and Dismiss."""
    box.label(text=f"{counted(len(state.ready), 'finished object')} not imported yet", icon="PACKAGE")
    row = box.row(align=True)
    row.operator("text3d.import_job", text="Import").job_id = ""
    row.operator("text3d.dismiss_job", text="", icon="X").job_id = ""
