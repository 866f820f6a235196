# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe that every object remembers: how to make it again, as readable JSON in a custom property."""

import json
from typing import Any

import bpy

from .names import JOB_ID, RECIPE

MAX_RECIPE_LENGTH = 20_000
"""Of one with the longest prompt and paths; the panel reads it with every redraw, and files may be anybody's."""


def write_recipe(target: bpy.types.Object, job_id: str, recipe: dict[str, Any]) -> None:
    """Store the recipe and the job's id on the object."""
    target[JOB_ID] = job_id
    target[RECIPE] = json.dumps(recipe, ensure_ascii=False, indent=1)


def recipe_of(target: bpy.types.Object | None) -> dict[str, Any] | None:
    """The object's recipe; None where it has none that can be read."""
    text = target.get(RECIPE) if target is not None else None
    if not isinstance(text, str) or len(text) > MAX_RECIPE_LENGTH:
        return None
    try:
        recipe = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return recipe if isinstance(recipe, dict) else None
