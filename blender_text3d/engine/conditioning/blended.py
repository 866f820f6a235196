# SPDX-License-Identifier: GPL-3.0-or-later
"""The condition between two prompts."""

from dataclasses import replace
from typing import Protocol

import torch

from ..recipe import Recipe
from .condition import Condition


class ConditionedModel(Protocol):
    """A loaded model that turns a recipe into a condition."""

    def condition(self, recipe: Recipe) -> Condition: ...


def blended_condition(model: ConditionedModel, recipe: Recipe) -> Condition:
    """Return the condition of a recipe; that of a blend lies on the line between those of its two prompts."""
    own = model.condition(recipe)
    if not recipe.is_blend:
        return own
    other = model.condition(replace(recipe, prompt=recipe.blend_prompt))
    notices = dict.fromkeys(filter(None, (own.notice, other.notice)))
    values = torch.lerp(own.values, other.values, recipe.blend_strength)
    return replace(own, values=values, notice=" ".join(notices) or None)
