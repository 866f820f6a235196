# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes of objects → requests → queued jobs."""

import os
from typing import Any

import bpy

from ...protocol.earlier_weights import weights_of
from ...protocol.errors import BadRequest
from ...protocol.face_budget import FULL
from ...protocol.failures import Reason
from ...protocol.job_folder import LATENT_NAME
from ...protocol.job_recipe import is_copy
from ...protocol.models import OUTPUTS
from ...protocol.request import SETTINGS, Request, make_requests
from ...protocol.stored_names import from_stored
from ...protocol.validation import truncated_repr
from ...system.untrusted_files import is_plain_name
from ..settings.choices import choices
from ..settings.properties import panel_value
from ..settings.remote_paths import is_local_absolute
from ..state.active_job import ActiveJob
from ..state.problem import Problem, SubmitError, problem_of_error
from ..state.variation import SAMPLED_ANEW
from ..state.word_swap import swapped_prompts
from . import submit
from .panel_request import settings_of, submit_errors, viewer_address, with_pipeline
from .replacement import kind_to_replace

CHANGES_OF_SHAPE = {"prompt", "seed", "variation_seed", "blend_prompt", "latent", "step"}
"""Settings whose change gives another object, whatever the weights are; for a latent, the worker compares them."""
NOT_FROM_RECIPES = ("device", "viewer", "comparison", "image_model_source", "keep_steps")
"""Settings of this machine; a model to load is not taken from a .blend file, which may be untrusted."""
RECIPE_KEYS = ("prompt", "model", "seed", "quality", "steps", "guidance", "grid", "outputs", "size_m")
OPTIONAL_KEYS = tuple(name for name in SETTINGS if name not in (*RECIPE_KEYS, *NOT_FROM_RECIPES))
"""Keys that recipes of earlier versions may lack."""


def regenerate(
    recipe: dict[str, Any], scene: bpy.types.Scene, into: bpy.types.Object | None = None, **changes: Any
) -> list[ActiveJob]:
    """Queue the object that a recipe describes.

    Args:
        recipe: The recipe of an object.
        scene: Scene of the new object.
        into: The object to replace, which gets only the kind of geometry that it has; None for a new object.
        changes: Settings that replace those of the recipe.

    Raises:
        SubmitError: The recipe is invalid, or no job could be queued.
    """
    if into and recipe_settings(recipe)["outputs"] in OUTPUTS:
        changes["outputs"] = kind_to_replace(into)
    is_same = not changes.keys() & CHANGES_OF_SHAPE
    requests = requests_of_recipe(recipe, scene, **changes)
    return submit.submit(requests, scene, weights_of(recipe) if is_same else (), into)


def requests_of_recipe(recipe: dict[str, Any], scene: bpy.types.Scene, **changes: Any) -> list[Request]:
    """Return the requests of the object that a recipe describes, with some settings changed.

    Raises:
        SubmitError: The recipe is invalid.
    """
    settings = settings_of(scene)
    values = with_pipeline(recipe_settings(recipe) | changes, settings)
    if not all(is_local_absolute(values.get(name)) for name in ("image", "latent", "object")):
        fix = "Copy the file to this machine, choose it in the panel and press Generate."
        raise SubmitError(Problem("The recipe refers to a file on another machine or to a relative path.", fix))
    with submit_errors():
        kept = panel_value(settings, "keep_steps")
        own = {"device": settings.device, "viewer": viewer_address(settings), "keep_steps": kept}
        return make_requests(**values | own)


def swap_word(recipe: dict[str, Any], scene: bpy.types.Scene, word: str) -> list[ActiveJob]:
    """Queue the object of a recipe with one word of its prompt replaced by each other word of its kind.

    The seed stays, so that the objects differ by that word alone.

    Raises:
        SubmitError: The word has no others of its kind, the recipe is invalid, or no job could be queued.
    """
    values, settings = recipe_settings(recipe), settings_of(scene)
    has_words = not (values.get("image") or values.get("blend_prompt") or is_copy(values))
    prompts = swapped_prompts(str(values["prompt"]), word, str(values.get("model", ""))) if has_words else []
    if not prompts:
        raise SubmitError(Problem(f"{truncated_repr(word)} cannot be swapped.", "Choose a word of the prompt."))
    shared = {
        **with_pipeline(values | SAMPLED_ANEW, settings),
        "device": settings.device,
        "viewer": viewer_address(settings),
    }
    with submit_errors():
        requests = [make_requests(**{**shared, "prompt": prompt})[0] for prompt in prompts]
    return submit.submit(requests, scene)


def recipe_settings(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that a recipe has.

    Raises:
        SubmitError: A setting is missing that every recipe has.
    """
    missing = [key for key in RECIPE_KEYS if key not in recipe]
    if missing:
        message = f"The recipe of this object has no {', '.join(missing)}. Use Generate instead."
        raise SubmitError(problem_of_error(BadRequest(message)))
    # Recipes of earlier versions have none of them, whatever their steps and quality.
    stored = {"solver": "", "face_budget": FULL, "guidance_every": 1, **from_stored(recipe)}
    return {key: stored[key] for key in (*RECIPE_KEYS, *OPTIONAL_KEYS) if key in stored}


def refine(
    recipe: dict[str, Any], scene: bpy.types.Scene, grid: int, into: bpy.types.Object | None = None, views: int = 0
) -> list[ActiveJob]:
    """Queue the same object on another grid, decoded from the latent in its job folder without sampling.

    Args:
        recipe: The recipe of an object.
        scene: Scene of the new object.
        grid: Grid points per side.
        into: The object to replace, or None for a new object.
        views: Number of images to render around the object.

    Raises:
        SubmitError: The latent is missing, the recipe is invalid, or no job could be queued.
    """
    job_id: Any = recipe.get("job_id")
    latent = choices().jobs_dir / (job_id if is_plain_name(job_id) else "unknown") / LATENT_NAME
    if not latent.is_file():
        message = f"The latent of this object no longer exists: {latent}."
        raise SubmitError(Problem(message, "Use Regenerate instead.", Reason.LATENT_GONE))
    steps = existing_file(recipe.get("latent")) if recipe.get("step") else ""  # the step stays in the recipe
    own = {"latent": steps} if steps else {"latent": str(latent), "step": 0}
    return regenerate(recipe, scene, into, grid=grid, views=views, **own, **existing_inputs(recipe))


def existing_inputs(recipe: dict[str, Any]) -> dict[str, str]:
    """Return the paths of a recipe's image and object, which sampling again needs, or "" for those that are gone."""
    return {name: existing_file(recipe.get(name)) for name in ("image", "object")}


def existing_file(path: Any) -> str:
    """Return a path from a recipe, or "" if there is no such file on this machine."""
    is_there = isinstance(path, str) and path and is_local_absolute(path) and os.path.isfile(path)
    return str(path) if is_there else ""
