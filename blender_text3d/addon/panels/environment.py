# SPDX-License-Identifier: GPL-3.0-or-later
"""The Setup view, the same in preferences and panel: what there is, the next thing to do, and how far that is."""

import os
from pathlib import Path

import bpy

from ...environment import paths
from ...environment.installers.torch_build import OWN, expected_gb, torch_build
from ...environment.lock import is_being_made
from ..background import disk_usage, environment_task, weights_task
from ..settings.choices import Choices, choices
from ..state.environment_summary import facts, is_to_be_renewed, left_behind, stamp_of
from ..state.problem import AUTOMATIC, SETUP, Problem, environment_trouble
from ..state.time_estimate import in_words
from ..state.torch_choices import build_problem
from ..state.weight_files import in_bytes
from . import doctor, fix_buttons, weights
from .text_wrap import draw_wrapped

OFFLINE = (
    "Set Up downloads packages, and Blender's online access is switched off. Allow it in Preferences, System, Network, "
    "or install from the folder of an offline kit."
)
NEVER_MADE = "The worker's environment has not been made yet."
ANOTHER = (
    "There is PyTorch {torch} with Python {python}; this machine and the preferences ask for another. Set Up Again "
    "makes that; what is there now stays until the new one has passed its test."
)
STOPPING = "The set-up stops: it clears away what it made."
ELSEWHERE = "Another Blender, or a terminal, sets up the environment just now. Wait until it is done."
LEFT_BEHIND = (
    "{folder} still holds an environment{size} that is not used any more, and what was made before. Remove its folder "
    "{name}, and move what you want of its jobs and weights here, by hand."
)
COST = "Set Up downloads PyTorch, Rerun and what they need: about {size} on the disk, and nothing inside Blender."


class TEXT3D_PT_setup(bpy.types.Panel):
    """The worker's environment, and what else is on this machine."""

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
    """The whole page."""
    draw_environment(layout.box(), bpy.context)
    layout.use_property_split = True
    layout.prop(preferences, "torch")
    if getattr(preferences, "torch", "") == OWN:
        layout.prop(preferences, "torch_index")
    layout.prop(preferences, "base_python", placeholder="Blender's own, or one that is found")
    layout.prop(preferences, "worker_python", placeholder="made by Set Up")
    layout.prop(preferences, "data_folder", placeholder=str(paths.data_dir()))
    layout.prop(preferences, "live_view_address", placeholder="a new viewer on this machine")
    weights.draw_preferences(layout.box(), bpy.context)
    doctor.draw_preferences(layout.box(), bpy.context)


def draw_environment(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Whether the worker can run, what was found out about it, and the button for what comes next."""
    chosen = choices()
    trouble = environment_trouble(chosen)
    is_here, busy = environment_task.is_running(), why_to_wait(chosen)
    if is_here:
        draw_set_up_progress(layout, context)
    elif busy:
        draw_wrapped(layout, busy, "TIME", context)
    elif trouble:
        words = trouble.message if chosen.own_python or os.path.exists(chosen.env_dir) else NEVER_MADE
        draw_wrapped(layout, words, "ERROR", context)  # the fix is the button below
    else:
        layout.label(text="The worker's environment is ready.", icon="CHECKMARK")
    if trouble is None:
        draw_facts(layout, chosen, context)
    if not (is_here or busy):
        draw_next(layout, chosen, trouble, context)
        draw_more(layout, chosen, bool(trouble))


def why_to_wait(chosen: Choices) -> str:
    """Who has the environment now, so that whatever was begun from here would be refused; "" for nobody."""
    if environment_task.is_stopping():
        return STOPPING
    return ELSEWHERE if chosen.own_python is None and is_being_made(chosen.env_dir) else ""


def draw_facts(layout: bpy.types.UILayout, chosen: Choices, context: bpy.types.Context) -> None:
    """A line for each fact that the worker's own test found, and what was to be said."""
    weights_task.want_list()
    disk_usage.request_refresh(chosen)
    stamp = stamp_of(chosen)
    column = layout.column(align=True)
    for name, value in facts(stamp, list(weights_task.known.values()), disk_usage.known):
        split = column.split(factor=0.25)
        split.label(text=name)
        split.label(text=value)
    for note in stamp.notes if stamp else ():
        draw_wrapped(layout, note, "INFO", context)
    if is_to_be_renewed(stamp, chosen):
        draw_wrapped(layout, ANOTHER.format(torch=stamp.torch, python=stamp.python), "INFO", context)
    if old := left_behind(chosen):
        draw_left_behind(layout, *old, chosen.env_dir.name, context)


def draw_left_behind(
    layout: bpy.types.UILayout, folder: Path, size_bytes: int, name: str, context: bpy.types.Context
) -> None:
    """What lies in the data folder of before, which nothing removes by itself, and the way to see it."""
    size = f" of {in_bytes(size_bytes)}" if size_bytes else ""
    draw_wrapped(layout, LEFT_BEHIND.format(folder=folder, size=size, name=name), "INFO", context)
    layout.operator("wm.path_open", text="Open the Old Folder", icon="FILE_FOLDER").filepath = str(folder)


def draw_next(layout: bpy.types.UILayout, chosen: Choices, trouble: Problem | None, context: bpy.types.Context) -> None:
    """The one button that does the next missing thing; nothing where nothing is missing."""
    model = context.scene.text3d.model
    can_be_made = trouble is not None and SETUP in trouble.buttons
    unfit = "" if chosen.own_python else build_problem(chosen.torch, chosen.torch_index)
    if unfit:
        draw_wrapped(layout, unfit, "ERROR", context)
    elif can_be_made and bpy.app.online_access:
        draw_wrapped(layout, COST.format(size=roughly(1e9 * expected_gb(torch_build(chosen.torch)))), "INFO", context)
    elif can_be_made:
        draw_wrapped(layout, OFFLINE, "INTERNET_OFFLINE", context)
    button = layout.row()
    button.scale_y = 1.3
    if trouble and not can_be_made:
        what = "Choose Another Python" if chosen.own_python else "Choose Another Folder"
        button.operator("text3d.open_preferences", text=what, icon="PREFERENCES")
    elif unfit:
        fix_buttons.draw(button, AUTOMATIC)
    elif can_be_made and not bpy.app.online_access:
        button.operator("screen.userpref_show", text="Allow Online Access…", icon="PREFERENCES").section = "SYSTEM"
    elif can_be_made:
        button.operator("text3d.set_up", text="Set Up", icon="IMPORT")
    elif is_to_be_renewed(stamp_of(chosen), chosen):
        button.operator("text3d.set_up", text="Set Up Again", icon="IMPORT").is_anew = True
    elif stamp_of(chosen) is None:
        button.operator("text3d.repair", text="Check and Repair", icon="CHECKMARK")
    elif weights_task.missing(model) and not weights_task.is_running() and bpy.app.online_access:
        size = sum(file.size_bytes - file.received_bytes for file in weights_task.missing(model))
        text = f"Fetch the Chosen Model, {in_bytes(max(0, size))}"
        button.operator("text3d.fetch_weights", text=text, icon="IMPORT").model = model


def draw_more(layout: bpy.types.UILayout, chosen: Choices, is_missing: bool) -> None:
    """What can be done besides."""
    row = layout.row(align=True)
    if not is_missing:
        row.operator("text3d.repair", text="Check and Repair", icon="FILE_REFRESH")
    if chosen.own_python is None:
        row.operator("text3d.install_kit", text="From Folder…", icon="FILE_FOLDER")
    row.operator("text3d.open_setup_log", text="", icon="TEXT")
    row.operator("text3d.examine", text="", icon="VIEWZOOM").is_full = False
    if chosen.own_python is None and not is_missing:
        row.operator("text3d.remove_environment", text="", icon="TRASH")


def draw_set_up_progress(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """How far the set-up is: what it does, what came, how fast, how long still; and the way to stop it."""
    newest = environment_task.newest
    column = layout.column(align=True)
    row = column.row(align=True)
    share = min(1.0, max(0.0, newest.share))
    row.progress(factor=share, type="BAR", text=f"Setting up  ·  {share:.0%}")
    row.operator("text3d.open_setup_log", text="", icon="TEXT")
    row.operator("text3d.stop_set_up", text="", icon="CANCEL")
    draw_wrapped(column, newest.message, "NONE", context)
    for words in pace_words():
        column.label(text=words)


def pace_words() -> list[str]:
    """Bytes, then speed and time left: sidebars are narrow. What is not known is left out."""
    newest = environment_task.newest
    amount = f"{in_bytes(newest.done_bytes)} of about {roughly(newest.of_bytes)}"
    pace = [f"{in_bytes(newest.bytes_per_s)}/s"] if newest.bytes_per_s else []
    pace += [f"{in_words(newest.left_s)} left"] if newest.left_s is not None else []
    return [line for line in (amount if newest.of_bytes and newest.done_bytes else "", "  ·  ".join(pace)) if line]


def roughly(count: float) -> str:
    """A size that nobody has measured, without digits that say nothing."""
    return in_bytes(count).replace(".00", "")
