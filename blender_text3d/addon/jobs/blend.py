# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects between two generated ones, as new objects in a row."""

from collections.abc import Sequence

import bpy

from ..state.active_job import ActiveJob, ImportTarget
from ..state.blend import BlendEnd, blend_changes
from . import from_recipe, panel_request, submit
from .free_location import grid_locations
from .replacement import kind_to_replace


def blend(
    scene: bpy.types.Scene, first: bpy.types.Object, second: bpy.types.Object, shares: Sequence[float]
) -> list[ActiveJob]:
    """Queue an object for each share of the second object.

    Raises:
        SubmitError: The two cannot be blended, or no job could be queued.
    """
    ends = end_of(first), end_of(second)
    recipe = dict(ends[0].recipe)
    with panel_request.submit_errors():
        changes = [blend_changes(*ends, share) for share in shares]
    requests = [request for change in changes for request in from_recipe.requests_of_recipe(recipe, scene, **change)]
    places = grid_locations(requests, len(requests), scene)
    return submit.submit(requests, scene, targets=[ImportTarget(scene.name, place) for place in places])


def end_of(target: bpy.types.Object) -> BlendEnd:
    """Return an object as one end of a blend.

    Raises:
        SubmitError: It is linked, or its recipe lacks a setting.
    """
    from ...scene.recipe import recipe_of

    recipe = recipe_of(target) or {}
    return BlendEnd(target.name, recipe | from_recipe.recipe_settings(recipe), kind_to_replace(target))
