# SPDX-License-Identifier: GPL-3.0-or-later
"""Conflicts between settings, each with the button that fixes it; what a model cannot do is grayed out."""

import bpy

from ..settings.conflicts import conflicts
from ..settings.properties import TEXT3D_Settings
from .text_wrap import draw_wrapped


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw one box per conflict."""
    for conflict in conflicts(context.scene.text3d):
        box = layout.box()
        draw_wrapped(box, conflict.message, "ERROR" if conflict.is_blocking else "INFO", context)
        if conflict.name:
            button = box.operator("text3d.settle", text=conflict.label, icon="CHECKMARK")
            button.name, button.value = conflict.name, conflict.value


def draw_quality(layout: bpy.types.UILayout, settings: TEXT3D_Settings) -> None:
    """Draw the quality, grayed out if custom sampling replaces it."""
    row = layout.row()
    row.active = not settings.has_own_sampling
    row.prop(settings, "quality")
