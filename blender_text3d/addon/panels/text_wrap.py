# SPDX-License-Identifier: GPL-3.0-or-later
"""Text over several lines, since Blender's labels do not wrap, and buttons in rows that they fit."""

import re
from textwrap import TextWrapper

import bpy

PIXELS_PER_CHARACTER = 7.5
BUTTON_MARGIN_PIXELS = 6
PANEL_MARGIN_PIXELS = 44
MIN_CHARACTERS = 20
MARGIN_CHARACTERS = 5
ICON_CHARACTERS = 3


class PathWrapper(TextWrapper):
    """A wrapper that breaks lines at spaces and after slashes, never inside a word."""

    wordsep_simple_re = re.compile(r"(\s+|(?<=[/\\])(?=\S))")


def draw_wrapped(
    layout: bpy.types.UILayout, text: str, icon: str, context: bpy.types.Context, *, share: float = 1.0
) -> None:
    """Draw text over as many lines as its width needs.

    Args:
        layout: The layout.
        text: The text.
        icon: Icon of the first line; the others are indented by as much.
        context: The context, whose region has the width.
        share: Share of the region's width that the layout has.
    """
    scale = context.preferences.system.ui_scale or 1.0  # 0 without a window
    width = share * (context.region.width if context.region else 300)
    margin = MARGIN_CHARACTERS if icon != "NONE" else MARGIN_CHARACTERS - ICON_CHARACTERS
    column = layout.column(align=True)
    column.scale_y = 0.8
    for line in wrapped(text, max(MIN_CHARACTERS, int(width / (PIXELS_PER_CHARACTER * scale)) - margin)):
        column.label(text=line, icon=icon)
        icon = "NONE" if icon == "NONE" else "BLANK1"


def rows_that_fit(texts: list[str], context: bpy.types.Context, *, share: float) -> list[list[str]]:
    """Return texts in rows, in order. Blender gives the buttons of a row equal widths, so the longest text decides.

    Args:
        texts: The texts of the buttons.
        context: The context, whose region has the width.
        share: Share of the region's content that the rows have.
    """
    scale = context.preferences.system.ui_scale or 1.0  # 0 without a window
    width = share * ((context.region.width if context.region else 280) / scale - PANEL_MARGIN_PIXELS)
    rows: list[list[str]] = []
    for text in texts:
        row = [*rows[-1], text] if rows else []
        longest = BUTTON_MARGIN_PIXELS + PIXELS_PER_CHARACTER * max(map(len, row), default=0)
        if row and longest * len(row) <= width:
            rows[-1] = row
        else:
            rows.append([text])
    return rows


def wrapped(text: str, width: int) -> list[str]:
    """Return lines of at most `width` characters; longer words have a line of their own."""
    return PathWrapper(width, break_long_words=False, break_on_hyphens=False).wrap(text)
