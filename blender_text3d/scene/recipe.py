# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe of an object: all settings to generate it again, as JSON in a custom property."""

import json
from typing import Any

import bpy

from .data_access import custom_property
from .names import JOB_ID, RECIPE

MAX_RECIPE_LENGTH = 20_000
"""Enough for the longest prompt and paths. The panel parses it with every redraw, and files are untrusted."""


def write_recipe(target: bpy.types.Object, job_id: str, recipe: dict[str, Any]) -> None:
    """Store the recipe and the job ID on the object."""
    target[JOB_ID] = job_id
    target[RECIPE] = json.dumps(recipe, ensure_ascii=False, indent=1)


def recipe_of(target: bpy.types.Object | None) -> dict[str, Any] | None:
    """Return the object's recipe, or None if missing or invalid."""
    text = custom_property(target, RECIPE) if target is not None else None
    if not isinstance(text, str) or len(text) > MAX_RECIPE_LENGTH:
        return None
    try:
        recipe = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return recipe if isinstance(recipe, dict) else None
