# SPDX-License-Identifier: GPL-3.0-or-later
"""The line under the prompt that checks its words while the user types, and the popover of all known words."""

from collections.abc import Sequence

import bpy

from ...protocol.models import MODELS
from .. import redraw
from ..one_shot_timer import schedule
from ..settings.properties import TEXT3D_Settings
from ..settings.view_settings import model_of_words
from ..state import prompt_check
from ..state.prompt_check import MODELS_WITH_VOCABULARY, PromptCheck, check_prompt, vocabulary_of
from .text_wrap import draw_wrapped, rows_that_fit

MAX_CHARACTERS = 27
"""Maximum text length next to the Words button at the default sidebar width."""
MAX_CORRECTIONS = 3
CORRECTIONS_LABEL_SHARE = 0.34
HIDDEN_KINDS = ("links",)
PARTS = "parts"


class TEXT3D_PT_words(bpy.types.Panel):
    """All words that the chosen model knows, by kind."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "HEADER"  # a popover: it is in no tab
    bl_label = "Words"
    bl_options = {"INSTANCED"}
    bl_ui_units_x = 20
    bl_description = "All words that this model knows"

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.text3d
        model = model_of_words(settings)
        check = check_prompt(settings.prompt, model)
        if check and check.notice:
            draw_wrapped(self.layout.column(), check.notice, "INFO", context)
        draw_words(self.layout, model, check.parts if check else ())


CLASSES = (TEXT3D_PT_words,)


def draw_words(layout: bpy.types.UILayout, model: str, parts: Sequence[str]) -> None:
    """Draw a button for each word, kind by kind; it inserts the word into the prompt.

    Args:
        layout: Where to draw.
        model: The model that knows the words.
        parts: The parts of the object that the prompt names; others are not drawn.
    """
    vocabulary = vocabulary_of(model)
    for kind, all_words in vocabulary.groups.items() if vocabulary else ():
        words = parts if kind == PARTS else all_words
        if words and kind not in HIDDEN_KINDS:
            layout.label(text=kind.capitalize())
            grid = layout.grid_flow(row_major=True, columns=5, even_columns=True, align=True)
            for word in words:
                grid.operator("text3d.insert_word", text=word).word = word


def has_tables() -> bool:
    """Return True once words can be looked up; a timer loads the tables after the first drawing."""
    if not prompt_check.is_loaded():
        schedule(load_tables)
    return prompt_check.is_loaded()


def load_tables() -> None:
    """Load the tables, and draw what depends on them."""
    prompt_check.load()
    redraw.sidebars()


def draw(layout: bpy.types.UILayout, settings: TEXT3D_Settings, context: bpy.types.Context) -> None:
    """Draw the line for the prompt, always of the same height; nothing for a model that understands free text."""
    model = model_of_words(settings)
    if model in MODELS_WITH_VOCABULARY and not has_tables():
        layout.label(text="")
        return
    check = check_prompt(settings.prompt, model)
    if check is None:
        return
    text, icon = status(check)
    split = layout.split(factor=0.76)
    line = split.row()
    line.active = icon != "CHECKMARK"
    line.label(text=text, icon=icon)
    split.popover("TEXT3D_PT_words", text="Words")
    draw_model_that_knows(layout, check)
    draw_corrections(layout, check, context)


def draw_model_that_knows(layout: bpy.types.UILayout, check: PromptCheck) -> None:
    """Draw a button for the small model that knows the object, if the chosen one does not."""
    for model in check.elsewhere[1:]:
        split = layout.split(factor=CORRECTIONS_LABEL_SHARE)
        split.label(text="Known to")
        split.operator("text3d.choose_model", text=MODELS[model].label).model = model


def status(check: PromptCheck) -> tuple[str, str]:
    """Return the text and the icon of the line; the popover has the whole notice."""
    if check.elsewhere and not check.names_object:
        return f"Not known: {shortened(check.elsewhere[:1], 'Not known: ')}", "ERROR"
    if check.unknown:
        return f"Unknown: {shortened(check.unknown, 'Unknown: ')}", "ERROR"
    if check.unused:
        text = f"Not used: {shortened(check.unused, 'Not used: ')}"
        return text, "INFO" if check.names_object else "ERROR"
    if not check.names_object:
        return "Name an object", "INFO"
    if check.read_as:
        meant = tuple(dict.fromkeys(meant for _, meant in check.read_as))
        return f"Read as: {shortened(meant, 'Read as: ')}", "INFO"
    return "Words known", "CHECKMARK"


def shortened(words: tuple[str, ...], intro: str) -> str:
    """Return as many of the words as fit after an introduction, and how many there are besides."""
    for count in range(len(words), 0, -1):
        more = f" +{len(words) - count}" if count < len(words) else ""
        text = ", ".join(words[:count]) + more
        if len(text) <= MAX_CHARACTERS - len(intro):
            return text
    return f"{words[0][: MAX_CHARACTERS - len(f'{intro}… +9')]}…{more}"


def draw_corrections(layout: bpy.types.UILayout, check: PromptCheck, context: bpy.types.Context) -> None:
    """Draw a button for each likely correction."""
    if not check.corrections:
        return
    split = layout.split(factor=CORRECTIONS_LABEL_SHARE)
    split.label(text="Did you mean")
    column = split.column(align=True)
    words = {meant: word for word, meant in check.corrections[:MAX_CORRECTIONS]}
    for texts in rows_that_fit(list(words), context, share=1 - CORRECTIONS_LABEL_SHARE):
        row = column.row(align=True)
        for meant in texts:
            button = row.operator("text3d.replace_word", text=meant)
            button.word, button.replacement = words[meant], meant
