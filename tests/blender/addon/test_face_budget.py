# SPDX-License-Identifier: GPL-3.0-or-later
"""The face budget in the panel: its three choices, requests, recipes of earlier versions, and Refine."""

from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.jobs.from_recipe import recipe_settings
from blender_text3d.addon.jobs.panel_request import request_kwargs
from blender_text3d.addon.operators.recipe import copy_to_panel, expected_faces
from blender_text3d.addon.panels.main import TEXT3D_PT_more
from blender_text3d.protocol.request import make_requests
from tests.blender.recording_layout import RecordingLayout

RECIPE = make_requests("a red chair", seed=7)[0].to_values()
OLD_RECIPE = {name: value for name, value in RECIPE.items() if name != "face_budget"}


@pytest.fixture
def settings(addon):
    bpy.context.scene.text3d.prompt = "a red chair"
    return bpy.context.scene.text3d


def test_the_panel_asks_for_the_budget_of_the_quality(settings):
    assert request_kwargs(settings)["face_budget"] == "auto"


@pytest.mark.parametrize(("choice", "budget"), [("full", "full"), ("number", "2500")])
def test_all_faces_and_a_number_can_be_chosen(settings, choice, budget):
    settings.face_budget, settings.face_count = choice, 2500
    request = make_requests(**request_kwargs(settings))[0]
    assert request.face_budget == budget


@pytest.mark.parametrize(
    ("recipe", "choice", "count"),
    [
        (RECIPE, "auto", 10_000),
        (RECIPE | {"face_budget": "full"}, "full", 10_000),
        (RECIPE | {"face_budget": "777"}, "number", 777),
        (OLD_RECIPE, "full", 10_000),
    ],
)
def test_the_budget_of_a_recipe_is_copied_to_the_panel(settings, recipe, choice, count):
    copy_to_panel(recipe, settings)
    assert (settings.face_budget, settings.face_count) == (choice, count)


def test_a_recipe_with_another_budget_is_refused(settings):
    with pytest.raises(ValueError, match="lots"):
        copy_to_panel(RECIPE | {"face_budget": "lots"}, settings)


def test_an_object_of_an_earlier_version_is_generated_again_with_all_faces(addon):
    assert recipe_settings(OLD_RECIPE)["face_budget"] == "full"
    assert recipe_settings(RECIPE)["face_budget"] == "auto"


def test_the_limits_of_the_number_are_those_of_a_request(settings):
    settings.face_count = 3
    assert settings.face_count == 4
    settings.face_count = 2_000_000_000
    assert settings.face_count == 10_000_000


def test_refine_expects_no_more_faces_than_the_number(scene, mesh):
    data = bpy.data.meshes.new("m")
    data.from_pydata(mesh.vertices.tolist(), [], mesh.faces.tolist())
    target = bpy.data.objects.new("o", data)
    count = len(data.polygons)
    assert expected_faces(target, {"grid": 128, "face_budget": "auto"}, 256) == 4 * count
    assert expected_faces(target, {"grid": 128, "face_budget": str(count)}, 256) == count


def test_the_number_is_shown_where_it_counts(settings):
    def shown():
        panel = SimpleNamespace(layout=RecordingLayout())
        TEXT3D_PT_more.draw(panel, bpy.context)
        return panel.layout.texts

    assert "Face Budget" in shown()
    assert "Faces" not in shown()
    settings.face_budget = "number"
    assert "Faces" in shown()
