# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that generates the active object in every other color, material, size or kind."""

from typing import Any

import bpy

from ...protocol.job_recipe import is_copy
from ..jobs import from_recipe
from ..state.word_swap import swappable_words, swapped_kind, swapped_prompts
from .generate import start
from .poll import is_met
from .recipe import active_recipe


def prompt_to_swap(recipe: dict[str, Any] | None) -> str:
    """Return the prompt of a recipe; "" if an image or two prompts decided what was generated, or it is a copy."""
    values = recipe or {}
    has_words = not (values.get("image") or values.get("blend_prompt") or is_copy(values))
    prompt = values.get("prompt") if has_words else ""
    return prompt if isinstance(prompt, str) else ""


def model_of(recipe: dict[str, Any] | None) -> str:
    """Return the model of a recipe, or ""."""
    return str((recipe or {}).get("model") or "")


def words_to_swap(recipe: dict[str, Any] | None, word: str) -> tuple[str, str, str]:
    """Return the prompt of a recipe, a word of it, and the model whose words are swapped."""
    return prompt_to_swap(recipe), word, model_of(recipe)


class TEXT3D_OT_swap_word(bpy.types.Operator):
    """Generate this object with every other word of the same kind, at the same seed"""

    bl_idname = "text3d.swap_word"
    bl_label = "Generate with Other Words"

    word: bpy.props.StringProperty(name="Word", description="Word of the prompt to replace")

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        kind = swapped_kind(*words_to_swap(active_recipe(context), properties.word))
        return f"Generate this object in every other {kind}, at the same seed" if kind else cls.__doc__

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        message = "Requires a generated object whose prompt has a known color, material, size or object"
        recipe = active_recipe(context)
        return is_met(cls, swappable_words(prompt_to_swap(recipe), model_of(recipe)), message)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        asked = words_to_swap(active_recipe(context), self.word)
        count, kind = len(swapped_prompts(*asked)), swapped_kind(*asked)
        title = f"Generate {count} Objects, Each with Another {kind.capitalize()}"
        return context.window_manager.invoke_confirm(self, event, title=title, confirm_text="Generate")

    def execute(self, context: bpy.types.Context) -> set[str]:
        return start(self, from_recipe.swap_word, active_recipe(context), context.scene, self.word)


CLASSES = (TEXT3D_OT_swap_word,)
