# SPDX-License-Identifier: GPL-3.0-or-later
"""Text over several lines; Blender's labels do not wrap by themselves."""

import re

import bpy

PIXELS_PER_CHARACTER = 7
CAPITALS_ARE_WIDER_BY = 1.4


def draw_wrapped(layout: bpy.types.UILayout, text: str, icon: str, context: bpy.types.Context) -> None:
    """Text over as many lines as the sidebar's width asks for."""
    scale = context.preferences.system.ui_scale or 1.0  # 0 where there is no window
    width = context.region.width if context.region else 300
    column = layout.column(align=True)
    column.scale_y = 0.8
    for line in wrapped(text, max(20, int(width / (PIXELS_PER_CHARACTER * scale)) - 5)):
        column.label(text=line, icon=icon)
        icon = "NONE" if icon == "NONE" else "BLANK1"


def wrapped(text: str, width: int) -> list[str]:
    """Lines of about this many small letters; long paths go on in the next line, other long words stand alone."""
    lines: list[str] = []
    for word in text.split():
        for index, part in enumerate(parts(word, width)):
            joint = "" if index else " "
            longer = f"{lines[-1]}{joint}{part}" if lines else part
            if lines and letters_wide(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(part)
    return lines


def parts(word: str, width: int) -> list[str]:
    """A word; a path that is longer than a line by its folders."""
    return [word] if letters_wide(word) <= width else re.findall(r"[^/\\]+[/\\]?|[/\\]", word)


def letters_wide(text: str) -> float:
    """How many small letters are as wide as a text."""
    return sum(CAPITALS_ARE_WIDER_BY if letter.isupper() else 1 for letter in text)
