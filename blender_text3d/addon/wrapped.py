# SPDX-License-Identifier: GPL-3.0-or-later
"""Text over several lines; Blender's labels do not wrap by themselves."""

import textwrap

import bpy

PIXELS_PER_CHARACTER = 7


def draw_wrapped(layout: bpy.types.UILayout, text: str, icon: str, context: bpy.types.Context) -> None:
    """Text over as many lines as the sidebar's width asks for."""
    scale = context.preferences.system.ui_scale or 1.0  # 0 where there is no window
    width = context.region.width if context.region else 300
    column = layout.column(align=True)
    column.scale_y = 0.8
    for line in textwrap.wrap(text, max(20, int(width / (PIXELS_PER_CHARACTER * scale)) - 5)):
        column.label(text=line, icon=icon)
        icon = "BLANK1"
