# SPDX-License-Identifier: GPL-3.0-or-later
"""The Setup panel, the same in the preferences: state of the environment, the next step, and its progress."""

import os
from pathlib import Path

import bpy

from ...environment.installers.torch_build import OWN, expected_gb, torch_build
from ...environment.lock import is_locked
from ...system.user_folders import data_dir
from ..background.disk_usage import disk_usage
from ..background.environment_task import environment_task
from ..background.weights_task import weights_task
from ..settings.choices import Choices, choices
from ..state.environment_summary import needs_rebuild, smoke_test_result, summary_lines, unused_environment
from ..state.problem import AUTOMATIC, SETUP, Problem, environment_problem
from ..state.time_estimate import format_duration
from ..state.torch_choices import build_problem
from ..state.weight_files import format_bytes
from . import doctor, fix_buttons, weights
from .text_wrap import draw_wrapped

OFFLINE = "Online access is off. Allow it to download about {size}, or install from an offline kit."
NOT_SET_UP = "Text3D needs a one-time setup."
OUTDATED = (
    "Installed: PyTorch {torch}, Python {python}. Your preferences need a different build. Set Up Again replaces it; "
    "the current one stays until the new one passes its test."
)
CANCELING = "Canceling setup and removing partial files…"
LOCKED = "Another process is setting up the environment. Please wait."
OLD_FOLDER = (
    "{folder} still contains an environment{size} that is no longer used. Move the jobs and weights you want to keep "
    "from there to the Data Folder, then delete its folder {name}."
)
COST = "Downloads about {size} (PyTorch, Rerun) to the Data Folder. Blender itself is not changed."


class TEXT3D_PT_setup(bpy.types.Panel):
    """State of the environment, and what is installed on this machine."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Text3D"
    bl_label = "Setup"
    bl_idname = "TEXT3D_PT_setup"
    bl_options = {"DEFAULT_CLOSED"}
    bl_order = 90

    def draw(self, context: bpy.types.Context) -> None:
        draw_environment(self.layout, context)


CLASSES = (TEXT3D_PT_setup,)


def draw_preferences(layout: bpy.types.UILayout, preferences: bpy.types.AddonPreferences) -> None:
    """Draw the preferences page."""
    draw_environment(layout.box(), bpy.context)
    layout.use_property_split = True
    layout.prop(preferences, "torch")
    if getattr(preferences, "torch", "") == OWN:
        layout.prop(preferences, "torch_index")
    layout.prop(preferences, "base_python", placeholder="Automatic")
    layout.prop(preferences, "worker_python", placeholder="Managed by Setup")
    layout.prop(preferences, "data_folder", placeholder=str(data_dir()))
    layout.prop(preferences, "live_view_address", placeholder="New viewer on this machine")
    weights.draw_preferences(layout.box(), bpy.context)
    doctor.draw_preferences(layout.box(), bpy.context)


def draw_environment(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the state of the environment, its facts, and the button for the next step."""
    chosen = choices()
    problem = environment_problem(chosen)
    is_running, busy = environment_task.is_running(), reason_to_wait(chosen)
    if is_running:
        draw_set_up_progress(layout, context)
    elif busy:
        draw_wrapped(layout, busy, "TIME", context)
    elif problem:
        message = problem.message if chosen.own_python or os.path.exists(chosen.env_dir) else NOT_SET_UP
        draw_wrapped(layout, message, "ERROR", context)  # the fix is the button below
    else:
        layout.label(text="Ready", icon="CHECKMARK")
    if problem is None:
        draw_facts(layout, chosen, context)
    if not (is_running or busy):
        draw_next_step(layout, chosen, problem, context)
        draw_other_actions(layout, chosen, bool(problem))


def reason_to_wait(chosen: Choices) -> str:
    """Return why the environment is locked, so that nothing can be started from here, or ""."""
    if environment_task.is_stopping():
        return CANCELING
    return LOCKED if chosen.own_python is None and is_locked(chosen.env_dir) else ""


def draw_facts(layout: bpy.types.UILayout, chosen: Choices, context: bpy.types.Context) -> None:
    """Draw a line for each fact, then the notes of the environment's test."""
    weights_task.want_list()
    disk_usage.request_refresh(chosen)
    stamp = smoke_test_result(chosen)
    column = layout.column(align=True)
    for name, value in summary_lines(stamp, list(weights_task.known.values()), disk_usage.known):
        split = column.split(factor=0.25)
        split.label(text=name)
        split.label(text=value)
    for note in stamp.notes if stamp else ():
        draw_wrapped(layout, note, "INFO", context)
    if needs_rebuild(stamp, chosen):
        draw_wrapped(layout, OUTDATED.format(torch=stamp.torch, python=stamp.python), "INFO", context)
    if old := unused_environment(chosen):
        draw_old_folder(layout, *old, chosen.env_dir.name, context)


def draw_old_folder(
    layout: bpy.types.UILayout, folder: Path, size_bytes: int, name: str, context: bpy.types.Context
) -> None:
    """Draw a note on the previous data folder, which is not removed automatically, and a button that opens it."""
    size = f" of {format_bytes(size_bytes)}" if size_bytes else ""
    draw_wrapped(layout, OLD_FOLDER.format(folder=folder, size=size, name=name), "INFO", context)
    layout.operator("wm.path_open", text="Open Old Folder", icon="FILE_FOLDER").filepath = str(folder)


def draw_next_step(
    layout: bpy.types.UILayout, chosen: Choices, problem: Problem | None, context: bpy.types.Context
) -> None:
    """Draw the one button for the next missing thing."""
    model = context.scene.text3d.model
    can_be_made = problem is not None and SETUP in problem.buttons
    unfit = "" if chosen.own_python else build_problem(chosen.torch, chosen.torch_index)
    if unfit:
        draw_wrapped(layout, unfit, "ERROR", context)
    elif can_be_made:
        text, icon = (COST, "INFO") if bpy.app.online_access else (OFFLINE, "INTERNET_OFFLINE")
        size = rounded_size(1e9 * expected_gb(torch_build(chosen.torch)))
        draw_wrapped(layout, text.format(size=size), icon, context)
    button = layout.row()
    button.scale_y = 1.3
    if problem and not can_be_made:
        text = "Choose Another Python" if chosen.own_python else "Choose Another Folder"
        button.operator("text3d.open_preferences", text=text, icon="PREFERENCES")
    elif unfit:
        fix_buttons.draw(button, AUTOMATIC)
    elif can_be_made and not bpy.app.online_access:
        button.operator("screen.userpref_show", text="Allow Online Access…", icon="PREFERENCES").section = "SYSTEM"
    elif can_be_made:
        button.operator("text3d.set_up", text="Set Up", icon="IMPORT")
    elif needs_rebuild(smoke_test_result(chosen), chosen):
        button.operator("text3d.set_up", text="Set Up Again", icon="IMPORT").is_anew = True
    elif smoke_test_result(chosen) is None:
        button.operator("text3d.repair", text="Check and Repair", icon="CHECKMARK")
    elif weights_task.missing(model) and not weights_task.is_running() and bpy.app.online_access:
        text = f"Download Model ({format_bytes(weights.missing_bytes(weights_task.missing(model)))})"
        button.operator("text3d.fetch_weights", text=text, icon="IMPORT").model = model


def draw_other_actions(layout: bpy.types.UILayout, chosen: Choices, is_missing: bool) -> None:
    """Draw the buttons that are always offered."""
    row = layout.row(align=True)
    if not is_missing:
        row.operator("text3d.repair", text="Check and Repair", icon="FILE_REFRESH")
    if chosen.own_python is None:
        row.operator("text3d.install_kit", text="Install Offline Kit…", icon="FILE_FOLDER")
    row.operator("text3d.open_setup_log", text="", icon="TEXT")
    row.operator("text3d.examine", text="", icon="VIEWZOOM").is_full = False
    if chosen.own_python is None and not is_missing:
        row.operator("text3d.remove_environment", text="", icon="TRASH")


def draw_set_up_progress(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the progress of setup: step, bytes, rate, time left, and the button that cancels it."""
    newest = environment_task.newest
    column = layout.column(align=True)
    row = column.row(align=True)
    share = min(1.0, max(0.0, newest.share))
    row.progress(factor=share, type="BAR", text=f"Setting Up  ·  {share:.0%}")
    row.operator("text3d.open_setup_log", text="", icon="TEXT")
    row.operator("text3d.stop_set_up", text="", icon="CANCEL")
    draw_wrapped(column, newest.message, "NONE", context)
    for line in transfer_lines():
        column.label(text=line)


def transfer_lines() -> list[str]:
    """Return a line of bytes and a line of rate and time left, without what is unknown; sidebars are narrow."""
    newest = environment_task.newest
    amount = f"{format_bytes(newest.done_bytes)} of about {rounded_size(newest.of_bytes)}"
    rate = [f"{format_bytes(newest.bytes_per_s)}/s"] if newest.bytes_per_s else []
    rate += [f"{format_duration(newest.left_s)} left"] if newest.left_s is not None else []
    return [line for line in (amount if newest.of_bytes and newest.done_bytes else "", "  ·  ".join(rate)) if line]


def rounded_size(count: float) -> str:
    """Return an estimated size in bytes as text, without zeros after the decimal point."""
    return format_bytes(count).replace(".00", "")
