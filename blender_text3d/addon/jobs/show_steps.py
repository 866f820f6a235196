# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs on the kept steps of generated objects: to decode all of them for the scene, or to bring one in."""

from dataclasses import replace

import bpy

from ...protocol.errors import InvalidJob
from ...protocol.step_request import PREVIEW_GRID, decoding_request
from ..state.active_job import ActiveJob
from ..state.problem import Problem, SubmitError
from . import from_recipe, panel_request, submit
from .replacement import target_of_object
from .steps import NoSteps, show_from, source_of


def show(targets: list[bpy.types.Object], scene: bpy.types.Scene) -> tuple[list[ActiveJob], dict[str, str]]:
    """Show the steps of objects, at once or after jobs that decode them.

    Returns:
        The jobs, and why other objects have no steps, by name.

    Raises:
        SubmitError: The jobs could not be queued.
    """
    waiting, skipped = [], {}
    for target in targets:
        try:
            folder = source_of(target)
            if not show_from(target, folder, scene):
                waiting.append((target, folder))
        except (NoSteps, InvalidJob) as error:
            skipped[target.name] = str(error)
    if not waiting:
        return [], skipped
    device = panel_request.settings_of(scene).device
    with panel_request.submit_errors():
        requests = [
            replace(decoding_request(folder.read_request(), folder.steps, PREVIEW_GRID), device=device)
            for _, folder in waiting
        ]
    return submit.submit(requests, scene, targets=[target_of_object(target, scene) for target, _ in waiting]), skipped


def bring_in(target: bpy.types.Object, step: int, scene: bpy.types.Scene) -> list[ActiveJob]:
    """Queue a new object of one step of an object.

    Raises:
        SubmitError: The step is gone, or no job could be queued.
    """
    from ...scene.recipe import recipe_of

    try:
        folder = source_of(target)
    except NoSteps as error:
        raise SubmitError(Problem(f'The steps of "{target.name}" are not there ({error}).')) from error
    recipe = recipe_of(target) or {}
    inputs = from_recipe.existing_inputs(recipe)
    return from_recipe.regenerate(recipe, scene, None, latent=str(folder.steps), step=step, views=0, **inputs)
