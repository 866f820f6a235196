# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages in the panel: the last error with buttons that help, notices, objects that wait to be imported."""

import bpy

from ..background import environment_task
from ..settings.choices import choices
from ..state.problem import Problem, environment_trouble
from ..state.session_state import state
from . import conflicts, doctor, fix_buttons, weights
from .environment import draw_environment, draw_set_up_progress
from .text_wrap import draw_wrapped


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Everything there is to tell; nothing where there is nothing."""
    if environment_task.is_running():
        draw_set_up_progress(layout, context)
    elif state.trouble:
        draw_trouble(layout.box(), state.trouble, context)
    elif environment_trouble(choices()):  # what has to be done before the first object
        draw_environment(layout.box(), context)
    conflicts.draw(layout, context)
    doctor.draw(layout, context)
    draw_weights(layout, context)
    if state.notices:
        draw_notices(layout.box(), context)
    if state.offers:
        draw_offer(layout.box())
    if state.underway:
        row = layout.box().row()
        row.label(text=f"{len(state.underway)} of an earlier session at work", icon="TIME")
        row.operator("text3d.leave_jobs", text="", icon="X").job_id = ""
    if state.leftovers:
        row = layout.box().row()
        row.label(text=f"{len(state.leftovers)} never begun", icon="TIME")
        row.operator("text3d.resume_jobs")


def draw_trouble(box: bpy.types.UILayout, trouble: Problem, context: bpy.types.Context) -> None:
    """The error, and the buttons that help."""
    box.alert = True
    draw_wrapped(box, str(trouble), "ERROR", context)
    row = box.row(align=True)
    row.alert = False
    fix_buttons.draw_all(row, trouble.buttons, trouble.model)
    row.operator("text3d.forget_trouble", text="", icon="X")


def draw_weights(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Files on their way, and those that the chosen model, or one that just failed, lacks."""
    weights.draw_progress(layout)
    models = [context.scene.text3d.model, *([state.trouble.model] if state.trouble else [])]
    for model in dict.fromkeys(models):
        weights.draw_model(layout, model, context)


def draw_notices(box: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """What the worker wants the user to know."""
    for notice in state.notices:
        draw_wrapped(box, notice, "INFO", context)


def draw_offer(box: bpy.types.UILayout) -> None:
    """Objects that were finished while nobody was there."""
    count = len(state.offers)
    box.label(text=f"{count} finished object{'s' * (count > 1)} not imported yet", icon="PACKAGE")
    row = box.row(align=True)
    row.operator("text3d.import_job", text="Import").job_id = ""
    row.operator("text3d.dismiss_job", text="", icon="X").job_id = ""
