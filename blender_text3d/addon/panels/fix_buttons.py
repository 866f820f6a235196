# SPDX-License-Identifier: GPL-3.0-or-later
"""The buttons that help: what each is called, what it does, and with what."""

from dataclasses import dataclass, field
from typing import Any

import bpy

from ..state import problem as why


@dataclass(frozen=True)
class FixButton:
    """A button: its operator, label and icon, and what the operator is told."""

    operator: str
    label: str
    icon: str
    told: dict[str, Any] = field(default_factory=dict)


RETRY = "text3d.try_again"
REMEDIES = {
    why.SETUP: FixButton("text3d.set_up", "Set Up", "IMPORT"),
    why.RENEW: FixButton("text3d.set_up", "Set Up Again", "IMPORT", {"is_anew": True}),
    why.REPAIR: FixButton("text3d.repair", "Check and Repair", "FILE_REFRESH"),
    why.REMOVE: FixButton("text3d.remove_environment", "Remove", "TRASH"),
    why.KIT: FixButton("text3d.install_kit", "From Folder…", "FILE_FOLDER"),
    why.AUTOMATIC: FixButton("text3d.automatic_build", "Automatic PyTorch", "CHECKMARK"),
    why.PREFERENCES: FixButton("text3d.open_preferences", "Preferences", "PREFERENCES"),
    why.LOG: FixButton("text3d.open_log", "Open Log", "TEXT"),
    why.RETRY: FixButton(RETRY, "Try Again", "FILE_REFRESH", {"how": "same"}),
    why.DRAFT: FixButton(RETRY, "Make a Draft", "MOD_DECIM", {"how": "draft"}),
    why.USE_CPU: FixButton(RETRY, "On the Processor", "MEMORY", {"how": "processor"}),
    why.SEED: FixButton(RETRY, "Another Seed", "FILE_REFRESH", {"how": "seed"}),
    why.DEVICE: FixButton(RETRY, "Automatic Device", "MEMORY", {"how": "device"}),
    why.MINI: FixButton(RETRY, "Use Mini", "SHADERFX", {"how": "mini"}),
    why.SAMPLE: FixButton(RETRY, "Make Anew", "FILE_REFRESH", {"how": "sample"}),
    why.MAKE_AGAIN: FixButton("text3d.make_again", "Make Again", "FILE_REFRESH"),
    why.FETCH: FixButton("text3d.fetch_weights", "Fetch", "IMPORT"),
    why.IMPORT: FixButton("text3d.import_weights", "Import…", "FILE_FOLDER"),
    why.NETWORK: FixButton("screen.userpref_show", "Allow…", "PREFERENCES", {"section": "SYSTEM"}),
    why.JOBS: FixButton("text3d.open_jobs_folder", "Open Jobs Folder", "FILE_FOLDER"),
    why.FREE_MEMORY: FixButton("text3d.free_memory", "Free Memory", "TRASH"),
    why.DOCTOR: FixButton("text3d.examine", "Doctor", "VIEWZOOM"),
    why.PICTURE: FixButton("text3d.choose_image", "Choose Another…", "IMAGE_DATA"),
    why.SETTLE: FixButton("text3d.settle_all", "Settle", "CHECKMARK"),
}


def draw(layout: bpy.types.UILayout, name: str, model: str = "") -> None:
    """One of the buttons; those on files are told whose."""
    remedy = REMEDIES[name]
    button = layout.operator(remedy.operator, text=remedy.label, icon=remedy.icon)
    told = remedy.told | ({"model": model} if name in (why.FETCH, why.IMPORT) else {})
    for key, value in told.items():
        setattr(button, key, value)


def draw_all(layout: bpy.types.UILayout, names: tuple[str, ...], model: str = "") -> None:
    """The best button alone in its line, the others two in a line: sidebars are narrow."""
    column = layout.column(align=True)
    for start in [0, *range(1, len(names), 2)][: len(names)]:
        row = column.row(align=True)
        for name in names[start : start + 2] if start else names[:1]:
            draw(row, name, model)
