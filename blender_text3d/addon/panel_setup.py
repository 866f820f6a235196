# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences page: the environment's state, Set Up, and where things lie."""

import bpy

from ..setup import paths
from . import panel_doctor, panel_weights, setting_up


def draw_preferences(layout: bpy.types.UILayout, preferences: bpy.types.AddonPreferences) -> None:
    """The whole page."""
    draw_environment(layout.box())
    layout.use_property_split = True
    layout.prop(preferences, "torch")
    layout.prop(preferences, "data_folder", placeholder=str(paths.data_dir()))
    layout.prop(preferences, "worker_python", placeholder="made by Set Up")
    layout.prop(preferences, "live_view_address", placeholder="a new viewer on this machine")
    panel_weights.draw_preferences(layout.box(), bpy.context)
    panel_doctor.draw_preferences(layout.box(), bpy.context)


def draw_environment(box: bpy.types.UILayout) -> None:
    """Whether the worker can run, and the button that sees to it."""
    from .preferences import choices
    from .trouble import environment_trouble

    if setting_up.is_running():
        draw_set_up_progress(box)
        return
    trouble = environment_trouble(choices())
    box.label(
        text=str(trouble) if trouble else "The worker's environment is ready.", icon="ERROR" if trouble else "CHECKMARK"
    )
    row = box.row()
    row.operator("text3d.set_up", text="Set Up" if trouble else "Check and Repair", icon="IMPORT")
    if not bpy.app.online_access:
        box.label(text="Set Up downloads packages: allow online access under System, Network.", icon="INTERNET_OFFLINE")


def draw_set_up_progress(layout: bpy.types.UILayout) -> None:
    """How far the set-up is."""
    row = layout.row(align=True)
    row.progress(factor=setting_up.newest.share, type="BAR", text=setting_up.newest.message)
    row.operator("text3d.stop_set_up", text="", icon="CANCEL")
