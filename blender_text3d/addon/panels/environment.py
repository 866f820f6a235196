# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment in the sidebar and in the preferences: its state, the next step, and the progress of setup."""

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
from ..state.problem import AUTOMATIC, NETWORK, SETUP, Problem, environment_problem
from ..state.time_estimate import format_duration
from ..state.torch_choices import build_problem
from ..state.weight_files import format_bytes
from . import doctor, fix_buttons, remote, weights
from .assets import draw_preferences as draw_asset_preferences
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
COST = "Downloads about {size} (PyTorch, Rerun) to {folder}. Blender itself is not changed."
FACT_SHARE = 0.32
"""Share of the width for the name of a fact."""

PART_LABELS = {"diffusers": ("Install Diffusers", "Remove Diffusers"), "cluster": ("Install Ray", "Remove Ray")}
"""Buttons of the optional parts."""


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
    layout.prop(preferences, "starts_early")
    remote.draw_preferences(layout.box(), preferences, bpy.context)
    draw_asset_preferences(layout, preferences)
    weights.draw_preferences(layout.box(), bpy.context)
    doctor.draw_preferences(layout.box(), bpy.context)


def draw_environment(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the state of the environment, its facts, the button for the next step, and all other buttons."""
    chosen = choices()
    problem = environment_problem(chosen)
    draw_state(layout, chosen, context)
    if problem is None:
        draw_facts(layout, chosen, context)
    if not (environment_task.is_running() or reason_to_wait(chosen)):
        draw_next_step(layout, chosen, problem, context)
        draw_other_actions(layout, chosen, bool(problem))


def draw_state(layout: bpy.types.UILayout, chosen: Choices, context: bpy.types.Context) -> None:
    """Draw the progress of setup, or why it is not ready."""
    problem = environment_problem(chosen)
    if environment_task.is_running():
        draw_set_up_progress(layout, context)
    elif busy := reason_to_wait(chosen):
        draw_wrapped(layout, busy, "TIME", context)
    elif problem:
        message = problem.message if chosen.own_python or os.path.exists(chosen.env_dir) else NOT_SET_UP
        draw_wrapped(layout, message, "INFO" if message == NOT_SET_UP else "ERROR", context)
    else:
        layout.label(text="Ready", icon="CHECKMARK")


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
        split = column.split(factor=FACT_SHARE)
        split.label(text=name)
        draw_wrapped(split, value, "NONE", context, share=1 - FACT_SHARE)
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
    button = layout.row()
    button.scale_y = 2.0 if can_be_made else 1.3
    if problem and not can_be_made:
        text = "Choose Another Python" if chosen.own_python else "Choose Another Folder"
        button.operator("text3d.open_preferences", text=text, icon="PREFERENCES")
    elif unfit:
        fix_buttons.draw(button, AUTOMATIC)
    elif can_be_made and not bpy.app.online_access:
        fix_buttons.draw(button, NETWORK)
    elif can_be_made:
        button.operator("text3d.set_up", text="Set Up", icon="IMPORT")
    elif needs_rebuild(smoke_test_result(chosen), chosen):
        button.operator("text3d.set_up", text="Set Up Again", icon="IMPORT").is_anew = True
    elif smoke_test_result(chosen) is None:
        button.operator("text3d.repair", text="Check and Repair", icon="CHECKMARK")
    elif weights_task.missing(model) and not weights_task.is_running():
        text = f"Download Model ({format_bytes(weights.missing_bytes(weights_task.missing(model)))})"
        button.popover("TEXT3D_PT_download", text=text, icon="IMPORT")
    if can_be_made and not unfit:
        draw_cost(layout, chosen, context)


def draw_cost(layout: bpy.types.UILayout, chosen: Choices, context: bpy.types.Context) -> None:
    """Draw what Set Up downloads and where to, or that online access is off."""
    text, icon = (COST, "NONE") if bpy.app.online_access else (OFFLINE, "INTERNET_OFFLINE")
    size = rounded_size(1e9 * expected_gb(torch_build(chosen.torch)))
    folder = "the Data Folder" if chosen.is_moved else "your user folder"
    draw_wrapped(layout, text.format(size=size, folder=folder), icon, context)


def draw_other_actions(layout: bpy.types.UILayout, chosen: Choices, is_missing: bool) -> None:
    """Draw the buttons that are always offered."""
    row = layout.row(align=True)
    if not is_missing:
        row.operator("text3d.repair", text="Check and Repair", icon="FILE_REFRESH")
    if chosen.own_python is None:
        row.operator("text3d.install_kit", text="Install Offline Kit…", icon="FILE_FOLDER")
    row = layout.row(align=True)
    row.operator("text3d.open_setup_log", text="Open Setup Log", icon="TEXT")
    row.operator("text3d.examine", text="Run Diagnostics", icon="VIEWZOOM").is_full = False
    if chosen.own_python is None and not is_missing:
        row.operator("text3d.remove_environment", text="Remove Environment", icon="TRASH")
        draw_optional_parts(layout, chosen)
    row = layout.row(align=True)
    row.operator("text3d.results_compact", icon="FILE_ARCHIVE")
    row.operator("text3d.results_delete_old", text="Delete Old Results…", icon="TRASH")


def draw_optional_parts(layout: bpy.types.UILayout, chosen: Choices) -> None:
    """Draw the buttons that install or remove packages which only some users need."""
    from ...environment.optional_parts import PARTS, is_installed

    for part in PARTS.values():
        install, remove = PART_LABELS[part.name]
        if is_installed(chosen.env_dir, part):
            button = layout.operator("text3d.remove_part", text=remove, icon="TRASH")
        else:
            text = f"{install} ({format_bytes(part.size_bytes)})"
            button = layout.operator("text3d.add_part", text=text, icon="IMPORT")
        button.part = part.name


def draw_set_up_progress(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the progress of setup: step, bytes, rate, time left, and the button that cancels it."""
    newest = environment_task.newest
    column = layout.column(align=True)
    row = column.row(align=True)
    share = min(1.0, max(0.0, newest.share))
    row.progress(factor=share, type="BAR", text=f"Setting Up  ·  {share:.0%}")
    row.operator("text3d.stop_set_up", text="", icon="CANCEL")
    draw_wrapped(column, newest.message, "NONE", context)
    for line in transfer_lines():
        column.label(text=line)
    column.operator("text3d.open_setup_log", icon="TEXT")


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
