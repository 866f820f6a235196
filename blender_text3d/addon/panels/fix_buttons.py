# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons that fix a problem: operator, label, icon and properties of each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import bpy

from ..state import problem as why


class FixButton(NamedTuple):
    """A button and the operator properties it sets."""

    operator: str
    label: str
    icon: str
    properties: Mapping[str, Any] = MappingProxyType({})


RETRY = "text3d.try_again"
OPEN_SYSTEM_PREFERENCES = FixButton(
    "screen.userpref_show", "Allow Online Access…", "PREFERENCES", {"section": "SYSTEM"}
)
"""In place of Blender's own operator, which belongs to an add-on that can be disabled."""
FIX_BUTTONS = {
    why.SETUP: FixButton("text3d.set_up", "Set Up", "IMPORT"),
    why.RENEW: FixButton("text3d.set_up", "Set Up Again", "IMPORT", {"is_anew": True}),
    why.REPAIR: FixButton("text3d.repair", "Check and Repair", "FILE_REFRESH"),
    why.REMOVE: FixButton("text3d.remove_environment", "Remove Environment", "TRASH"),
    why.KIT: FixButton("text3d.install_kit", "Offline Kit…", "FILE_FOLDER"),
    why.AUTOMATIC: FixButton("text3d.automatic_build", "Use Automatic Build", "CHECKMARK"),
    why.PREFERENCES: FixButton("text3d.open_preferences", "Preferences", "PREFERENCES"),
    why.LOG: FixButton("text3d.open_log", "Open Log", "TEXT"),
    why.RETRY: FixButton(RETRY, "Retry", "FILE_REFRESH", {"how": "same"}),
    why.DRAFT: FixButton(RETRY, "Use Draft Quality", "MOD_DECIM", {"how": "draft"}),
    why.USE_CPU: FixButton(RETRY, "Use CPU", "MEMORY", {"how": "processor"}),
    why.SEED: FixButton(RETRY, "Try Another Seed", "FILE_REFRESH", {"how": "seed"}),
    why.DEVICE: FixButton(RETRY, "Use Automatic Device", "MEMORY", {"how": "device"}),
    why.MINI: FixButton(RETRY, "Use Mini Model", "NONE", {"how": "mini"}),
    why.SAMPLE: FixButton(RETRY, "Generate Again", "FILE_REFRESH", {"how": "sample"}),
    why.MAKE_AGAIN: FixButton("text3d.make_again", "Regenerate", "FILE_REFRESH"),
    why.FETCH: FixButton("wm.call_panel", "Download…", "IMPORT", {"name": "TEXT3D_PT_download", "keep_open": True}),
    why.IMPORT: FixButton("text3d.import_weights", "Import…", "FILE_FOLDER"),
    why.NETWORK: FixButton("extensions.userpref_allow_online", "Allow Online Access", "INTERNET"),
    why.JOBS: FixButton("text3d.open_jobs_folder", "Jobs Folder", "FILE_FOLDER"),
    why.FREE_MEMORY: FixButton("text3d.free_memory", "Unload Model", "TRASH"),
    why.DOCTOR: FixButton("text3d.examine", "Diagnostics", "VIEWZOOM"),
    why.PICTURE: FixButton("text3d.choose_image", "Choose Image…", "IMAGE_DATA"),
    why.ADD_PART: FixButton("text3d.add_part", "Install Diffusers", "IMPORT"),
    why.ADD_RAY: FixButton("text3d.add_part", "Install Ray", "IMPORT", {"part": "cluster"}),
    why.CLUSTER_LOG: FixButton("text3d.open_cluster_log", "Open Log of Run", "TEXT"),
    why.PIPELINE: FixButton("text3d.choose_pipeline", "Choose Folder…", "FILE_FOLDER"),
    why.HUB: FixButton("text3d.read_pipeline_card", "Read License…", "IMPORT"),
    why.SETTLE: FixButton("text3d.settle_all", "Fix Settings", "CHECKMARK"),
}


def fix_button(name: str) -> FixButton:
    """Return a button that Blender can run here."""
    if name == why.NETWORK and not hasattr(bpy.types, "EXTENSIONS_OT_userpref_allow_online"):
        return OPEN_SYSTEM_PREFERENCES
    return FIX_BUTTONS[name]


def draw(layout: bpy.types.UILayout, name: str, model: str = "") -> None:
    """Draw one of the buttons; those on model files get the model."""
    fix = fix_button(name)
    button = layout.operator(fix.operator, text=fix.label, icon=fix.icon)
    properties = {**fix.properties} | ({"model": model} if name == why.IMPORT else {})
    for key, value in properties.items():
        setattr(button, key, value)


def draw_all(layout: bpy.types.UILayout, names: tuple[str, ...], model: str = "") -> None:
    """Draw the first button on a line of its own and the others in pairs, since sidebars are narrow."""
    column = layout.column(align=True)
    for start in [0, *range(1, len(names), 2)][: len(names)]:
        row = column.row(align=True)
        for name in names[start : start + 2] if start else names[:1]:
            draw(row, name, model)
