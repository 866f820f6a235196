# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes with and without reused guidance, of this version and of earlier ones, made again or put in the panel."""

import bpy
import pytest

from blender_text3d.addon.jobs.from_recipe import recipe_settings
from blender_text3d.addon.jobs.panel_request import request_kwargs
from blender_text3d.addon.operators.recipe import copy_to_panel
from blender_text3d.protocol.request import make_requests

RECIPE = make_requests("a red chair", model="shap-e/text300M", seed=7)[0].to_values()
OLD_RECIPE = {name: value for name, value in RECIPE.items() if name != "guidance_every"}


@pytest.mark.parametrize(("recipe", "every"), [(RECIPE, 2), (OLD_RECIPE, 1), (OLD_RECIPE | {"steps": 25}, 1)])
def test_an_object_is_generated_again_as_it_was(addon, recipe, every):
    (request,) = make_requests(**recipe_settings(recipe))
    assert (request.steps, request.guidance_every) == (recipe["steps"], every)


@pytest.mark.parametrize(("recipe", "every"), [(RECIPE, 2), (OLD_RECIPE, 1), (OLD_RECIPE | {"steps": 25}, 1)])
def test_the_panel_asks_for_what_the_copied_recipe_had(addon, recipe, every):
    settings = bpy.context.scene.text3d
    copy_to_panel(recipe, settings)
    (request,) = make_requests(**request_kwargs(settings))
    assert (request.steps, request.guidance_every) == (recipe["steps"], every)
    assert settings.has_own_sampling == (every == 1)
