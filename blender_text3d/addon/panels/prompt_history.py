# SPDX-License-Identifier: GPL-3.0-or-later
"""Popover with recent prompts."""

import bpy

from ..settings.choices import choices
from ..state.prompt_history import PastPrompt, history, search

SEARCH = "text3d_prompt_search"
MAX_LISTED = 15


class TEXT3D_PT_prompt_history(bpy.types.Panel):
    """Earlier prompts, starred ones first."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "HEADER"  # a popover: it is in no tab
    bl_label = "Recent Prompts"
    bl_ui_units_x = 16
    bl_description = "Recent prompts"

    def draw(self, context: bpy.types.Context) -> None:
        layout, manager = self.layout, context.window_manager
        layout.prop(manager, SEARCH, text="", icon="VIEWZOOM")
        found = search(history(choices().jobs_dir.parent), getattr(manager, SEARCH))
        column = layout.column(align=True)
        for past in found[:MAX_LISTED]:
            draw_prompt(column.row(align=True), past)
        if len(found) > MAX_LISTED:
            layout.label(text=f"{len(found) - MAX_LISTED} more. Type a word to find them")
        if not found:
            layout.label(text="No prompts yet" if not getattr(manager, SEARCH) else "No prompt has these words")


def draw_prompt(row: bpy.types.UILayout, past: PastPrompt) -> None:
    """Draw a prompt that can be used, starred and removed."""
    row.operator("text3d.use_prompt", text=past.prompt).prompt = past.prompt
    icon = "SOLO_ON" if past.is_starred else "SOLO_OFF"
    star = row.operator("text3d.star_prompt", text="", icon=icon)
    star.prompt, star.is_starred = past.prompt, not past.is_starred
    row.operator("text3d.forget_prompt", text="", icon="X").prompt = past.prompt


def add() -> None:
    """Add the search words to the window manager, where they are no part of undo steps."""
    words = bpy.props.StringProperty(
        name="Search", description="Show prompts that contain these words", options={"TEXTEDIT_UPDATE", "SKIP_SAVE"}
    )
    setattr(bpy.types.WindowManager, SEARCH, words)


def remove() -> None:
    """Remove the search words."""
    delattr(bpy.types.WindowManager, SEARCH)


CLASSES = (TEXT3D_PT_prompt_history,)
