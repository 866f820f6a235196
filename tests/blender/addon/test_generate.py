# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate in background mode: from the panel's settings to objects in the scene."""

import json

import bpy
import numpy as np
import pytest

from blender_text3d.addon.state.session_state import state
from blender_text3d.protocol.earlier_weights import EARLIER_WEIGHTS, MINI_GLIDE_OF_37_KINDS
from blender_text3d.scene.recipe import recipe_of


def corners_of(target):
    points = np.empty(len(target.data.vertices) * 3, np.float32)
    target.data.vertices.foreach_get("co", points)
    return points.reshape(-1, 3)


def test_generate_adds_an_object_named_after_the_prompt_at_the_cursor(addon, scene):
    addon.prompt = "a red chair"
    scene.cursor.location = (1, 2, 3)
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    (target,) = scene.objects
    assert target.name == "a red chair"
    assert tuple(target.location) == (1, 2, 3)
    assert bpy.context.view_layer.objects.active == target
    assert target.select_get()


def test_compared_objects_are_named_after_their_models(addon, scene):
    addon.prompt = "a red chair"
    assert bpy.ops.text3d.compare() == {"FINISHED"}
    models = {target.name: recipe_of(target)["model"] for target in scene.objects}
    assert models == {"a red chair (Point-E)": "mini/point-e", "a red chair (Shap-E)": "mini/shap-e"}


def test_each_new_object_is_selected_in_place_of_the_last(addon, scene):
    for place in range(2):
        scene.cursor.location.x = place
        bpy.ops.text3d.generate()
    assert [target.location.x for target in scene.objects if target.select_get()] == [1.0]


def test_the_size_is_kept_in_metres(addon, scene):
    addon.size_m = 2.5
    bpy.ops.text3d.generate()
    corners = corners_of(scene.objects[0])
    assert (corners.max(axis=0) - corners.min(axis=0)).max() == pytest.approx(2.5)


def test_a_random_seed_is_written_back(addon, scene):
    addon.seed = 5
    bpy.ops.text3d.generate()
    first = addon.seed
    bpy.ops.text3d.generate()
    assert first != addon.seed
    assert {recipe_of(target)["seed"] for target in scene.objects} == {first, addon.seed}


def test_a_locked_seed_is_used_and_gives_the_same_geometry_twice(addon, scene):
    addon.has_random_seed, addon.seed = False, 42
    bpy.ops.text3d.generate()
    bpy.ops.text3d.generate()
    first, second = scene.objects
    assert recipe_of(first)["seed"] == recipe_of(second)["seed"] == addon.seed == 42
    np.testing.assert_array_equal(corners_of(first), corners_of(second))


def test_rolling_the_seed_locks_it(addon):
    addon.seed = 0
    bpy.ops.text3d.roll_seed()
    assert not addon.has_random_seed
    assert addon.seed > 0


def test_several_results_stand_side_by_side_with_seeds_in_a_row(addon, scene):
    addon.count, addon.has_random_seed, addon.seed = 3, False, 10
    bpy.ops.text3d.generate()
    places = sorted(target.location.x for target in scene.objects)
    assert np.diff(places).min() > addon.size_m
    assert sorted(recipe_of(target)["seed"] for target in scene.objects) == [10, 11, 12]


def test_both_outputs_add_a_mesh_and_a_cloud(addon, scene):
    addon.outputs = "both"
    bpy.ops.text3d.generate()
    assert len(scene.objects) == 2
    assert sum(target.text3d_point_radius > 0 for target in scene.objects) == 1


def test_the_radius_of_a_cloud_follows_the_panel(addon, scene):
    addon.outputs = "cloud"
    bpy.ops.text3d.generate()
    (target,) = scene.objects
    target.text3d_point_radius = 0.125
    assert target.text3d_point_radius == pytest.approx(0.125)


def test_the_recipe_holds_all_that_is_needed(addon, scene):
    bpy.ops.text3d.generate()
    recipe = recipe_of(scene.objects[0])
    wanted = {"prompt", "model", "seed", "outputs", "quality", "steps", "guidance", "grid", "size_m", "job_id"}
    assert wanted | {"weights_sha256", "engine_version", "torch_version", "device_name"} <= recipe.keys()
    assert recipe["weights_sha256"] == "abc"
    assert scene.objects[0]["text3d_job_id"] == recipe["job_id"]


def test_custom_sampling_is_in_the_recipe(addon, scene):
    addon.has_own_sampling, addon.steps, addon.guidance, addon.grid = True, 7, 2.1, 32
    bpy.ops.text3d.generate()
    recipe = recipe_of(scene.objects[0])
    assert (recipe["steps"], recipe["guidance"], recipe["grid"]) == (7, 2.1, 32)


def test_one_undo_removes_one_result_and_redo_restores_it(addon, scene):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.text3d.generate()
    bpy.ops.ed.undo()
    assert not bpy.context.scene.objects
    bpy.ops.ed.redo()
    assert [target.name for target in bpy.context.scene.objects] == ["a red chair"]


def test_regenerate_gives_the_same_geometry_whatever_the_panel_has(addon, scene):
    bpy.ops.text3d.generate()
    (first,) = scene.objects
    addon.prompt, addon.seed, addon.has_random_seed, addon.size_m = "a blue boat", 3, False, 9
    scene.cursor.location.x = 4
    assert bpy.ops.text3d.make_again(into="NEW") == {"FINISHED"}
    second = next(target for target in scene.objects if target != first)
    np.testing.assert_array_equal(corners_of(first), corners_of(second))
    same = {"prompt", "seed", "size_m", "steps", "weights_sha256"}
    assert {key: recipe_of(first)[key] for key in same} == {key: recipe_of(second)[key] for key in same}
    assert second.location.x == 4


def test_regenerate_reports_changed_weights(addon, scene):
    bpy.ops.text3d.generate()
    (first,) = scene.objects
    first["text3d_recipe"] = first["text3d_recipe"].replace('"abc"', '"older"')
    bpy.ops.text3d.make_again(into="NEW")
    assert any("weights have changed" in notice for notice in state.notices)


def test_regenerate_tells_that_only_an_earlier_version_has_the_weights(addon, scene):
    bpy.ops.text3d.generate()
    (first,) = scene.objects
    first["text3d_recipe"] = first["text3d_recipe"].replace('"abc"', f'"{next(iter(EARLIER_WEIGHTS))}"')
    bpy.ops.text3d.make_again(into="NEW")
    (notice,) = (notice for notice in state.notices if "weights" in notice or "made by" in notice)
    assert notice.startswith("The object was made by a Mini Shap-E of an earlier version")
    assert len(scene.objects) == 2


def test_regenerate_tells_that_the_view_was_made_by_weights_of_an_earlier_version(addon, scene):
    bpy.ops.text3d.generate()
    (first,) = scene.objects
    weights = next(sha256 for sha256, model in EARLIER_WEIGHTS.items() if model == MINI_GLIDE_OF_37_KINDS)
    first["text3d_recipe"] = json.dumps(recipe_of(first) | {"image_weights_sha256": weights})
    bpy.ops.text3d.make_again(into="NEW")
    (notice,) = (notice for notice in state.notices if "weights" in notice or "made by" in notice)
    assert notice.startswith(f"The object was made by {MINI_GLIDE_OF_37_KINDS};")


def test_use_settings_copies_the_recipe_into_the_panel(addon, scene):
    addon.has_own_sampling, addon.steps, addon.size_m, addon.outputs = True, 9, 0.3, "both"
    bpy.ops.text3d.generate()
    recipe = recipe_of(scene.objects[0])
    addon.prompt, addon.seed, addon.steps, addon.size_m, addon.outputs = "other", 1, 2, 7, "mesh"
    addon.has_own_sampling = False
    bpy.ops.text3d.use_settings()
    assert (addon.prompt, addon.seed, addon.steps, addon.outputs) == (recipe["prompt"], recipe["seed"], 9, "both")
    assert addon.size_m == pytest.approx(0.3)
    assert addon.has_own_sampling
    assert not addon.has_random_seed


def test_operators_on_a_recipe_are_greyed_without_one(addon, scene):
    assert not bpy.ops.text3d.make_again.poll()
    assert not bpy.ops.text3d.use_settings.poll()


def test_a_word_the_model_does_not_know_is_reported(addon):
    addon.prompt = "a zorg it knows not"
    bpy.ops.text3d.generate()
    assert list(state.notices) == ['The model does not know "zorg".']


def test_the_panel_knows_the_device_and_the_time_it_took(addon):
    bpy.ops.text3d.generate()
    assert state.device == "Test Device"
    assert [duration.seconds for (times,) in state.times.values() for duration in [times]] == [1.5]


def test_a_finished_job_is_marked_imported(addon, scene):
    bpy.ops.text3d.generate()
    (folder,) = state.session.jobs_dir.glob("*-*/")
    assert (folder / "imported.json").is_file()


def test_an_object_is_not_placed_inside_one_at_the_cursor(addon, scene):
    for _ in range(3):
        bpy.ops.text3d.generate()
    xs = sorted(target.location.x for target in scene.objects)
    assert xs[0] == 0
    assert min(b - a for a, b in zip(xs, xs[1:], strict=False)) > addon.size_m * 0.9


def test_making_again_puts_the_new_object_beside_the_old_one(addon, scene):
    bpy.ops.text3d.generate()
    bpy.ops.text3d.make_again(into="NEW")
    first, second = sorted(scene.objects, key=lambda target: target.location.x)
    assert second.location.x - first.location.x > addon.size_m * 0.9


def test_a_locked_seed_is_varied_and_a_random_one_is_not(addon, scene):
    addon.has_random_seed, addon.seed = False, 5
    addon.variation_strength, addon.variation_seed, addon.earlier_variations = 0.3, 8, "4:0.5"
    bpy.ops.text3d.generate()
    addon.has_random_seed = True
    bpy.ops.text3d.generate()
    recipes = [recipe_of(target) for target in scene.objects]
    kept = [(recipe["variation_strength"], recipe["earlier_variations"]) for recipe in recipes]
    assert kept == [(0.3, "4:0.5"), (0.0, "")]


def test_the_variation_of_an_object_is_copied_to_the_panel(addon, scene):
    addon.has_random_seed, addon.variation_strength, addon.variation_seed = False, 0.3, 8
    bpy.ops.text3d.generate()
    addon.variation_strength = addon.variation_seed = 0
    bpy.ops.text3d.use_settings()
    assert (addon.variation_strength, addon.variation_seed) == (pytest.approx(0.3), 8)
