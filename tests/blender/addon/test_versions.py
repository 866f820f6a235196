# SPDX-License-Identifier: GPL-3.0-or-later
"""Results that replace the active object: from the operators to versions in the file."""

import bpy
import numpy as np
import pytest

import blender_text3d
from blender_text3d.addon.jobs import poll_timer
from blender_text3d.addon.jobs.retry import retry
from blender_text3d.addon.state.session_state import state
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.scene.find import find_previews
from blender_text3d.scene.recipe import recipe_of
from tests.blender.recording_layout import RecordingLayout, drawn


def is_idle():
    return not state.jobs


def forming_shows():
    return bool(find_previews())


def active():
    return bpy.context.view_layer.objects.active


def seed():
    return recipe_of(active())["seed"]


def positions_of(target):
    values = target.data.attributes["position"].data
    points = np.empty(3 * len(values), np.float32)
    values.foreach_get("vector", points)
    return points.reshape(-1, 3)


@pytest.fixture
def generated(addon, scene):
    """An object with a locked seed of 5, moved; the seed of the panel is 5 too."""
    addon.has_random_seed, addon.seed = False, 5
    bpy.ops.text3d.generate()
    active().location = (1, 2, 3)
    bpy.context.view_layer.update()
    return active()


@pytest.fixture
def replace_in_window(generated, monkeypatch):
    """A function that presses a button as in a window, where it returns at once; returns the new job."""
    from blender_text3d.addon.operators import generate

    def press(operator, **properties):
        monkeypatch.setattr(generate, "wait", lambda *_: {"FINISHED"})
        before = set(state.jobs)
        assert operator(**properties) == {"FINISHED"}
        (job_id,) = state.jobs.keys() - before
        return state.jobs[job_id]

    return press


def slow(target, addon):
    """Make the next jobs of an object slow enough to act while they run."""
    target["text3d_recipe"] = target["text3d_recipe"].replace("a red chair", "slowly a red chair")


@pytest.mark.parametrize("outputs", ["mesh", "cloud"])
def test_new_seed_replaces_the_object_in_place(addon, scene, outputs):
    addon.outputs, addon.has_random_seed, addon.seed = outputs, False, 5
    bpy.ops.text3d.generate()
    (target,) = scene.objects
    target.location.x = 7
    first = positions_of(target)
    assert bpy.ops.text3d.new_seed() == {"FINISHED"}
    assert list(scene.objects) == [target]
    assert target.location.x == 7
    assert seed() != 5
    assert not np.array_equal(positions_of(target), first)
    assert bpy.ops.text3d.previous_version() == {"FINISHED"}
    np.testing.assert_array_equal(positions_of(target), first)
    assert seed() == 5


def test_into_new_adds_an_object(generated, scene):
    bpy.ops.text3d.new_seed(into="NEW")
    assert len(scene.objects) == 2
    assert not generated.text3d_versions


def test_regenerate_adds_a_version_with_the_same_seed(generated, scene):
    bpy.ops.text3d.make_again()
    assert len(generated.text3d_versions) == 2
    assert seed() == 5
    assert len(scene.objects) == 1


def test_several_seeds_become_several_versions(generated):
    bpy.ops.text3d.new_seed(count=3)
    seeds = [entry.seed for entry in generated.text3d_versions]
    assert len(seeds) == 4
    assert seeds[1] + 2 == seeds[2] + 1 == seeds[3]


def test_edit_prompt_keeps_the_seed_and_drops_the_latent(generated):
    generated["text3d_recipe"] = generated["text3d_recipe"].replace('"latent": ""', '"latent": "/gone/latent.npz"')
    bpy.ops.text3d.edit_prompt(prompt="a blue chair")
    recipe = recipe_of(generated)
    assert (recipe["prompt"], recipe["seed"], recipe["latent"]) == ("a blue chair", 5, "")
    assert generated.name == "a red chair"


def test_vary_keeps_the_seed_and_a_second_time_starts_from_the_first_variation(generated):
    bpy.ops.text3d.vary(strength=0.3)
    first = recipe_of(generated)
    assert (first["seed"], first["variation_strength"], first["earlier_variations"]) == (5, 0.3, "")
    bpy.ops.text3d.vary(strength=0.1)
    second = recipe_of(generated)
    assert second["earlier_variations"] == f"{first['variation_seed']}:0.3"
    assert second["variation_strength"] == 0.1
    bpy.ops.text3d.new_seed()
    third = recipe_of(generated)
    assert (third["variation_strength"], third["earlier_variations"]) == (0, "")


def test_presets_of_vary_are_strengths(generated):
    for preset, strength in (("SUBTLE", 0.15), ("STRONG", 0.6)):
        bpy.ops.text3d.vary(preset=preset)
        assert recipe_of(generated)["variation_strength"] == strength


def test_vary_and_edit_prompt_are_greyed_where_the_model_cannot(generated):
    for model, can_vary, can_edit in (("reference/shap-e-text", False, True), ("shap-e/image300M", True, False)):
        generated["text3d_recipe"] = generated["text3d_recipe"].replace(recipe_of(generated)["model"], model)
        assert (bpy.ops.text3d.vary.poll(), bpy.ops.text3d.edit_prompt.poll()) == (can_vary, can_edit)


def test_a_recipe_from_an_untrusted_file_is_an_error_and_no_traceback(generated):
    recipe = generated["text3d_recipe"]
    for old, new in (
        ('"variation_strength": 0.0', '"variation_strength": [1]'),
        ('"earlier_variations": ""', '"earlier_variations": 7'),
    ):
        generated["text3d_recipe"] = recipe.replace(old, new)
        with pytest.raises(RuntimeError, match="Choose"):
            bpy.ops.text3d.vary()


def test_a_refined_object_keeps_its_image_for_a_new_seed(generated, tmp_path):
    image = tmp_path / "chair.png"
    image.write_bytes(b"an image")
    generated["text3d_recipe"] = generated["text3d_recipe"].replace('"image": ""', f'"image": "{image}"')
    (tmp_path / "data" / "jobs" / recipe_of(generated)["job_id"] / "latent.npz").write_bytes(b"a latent")
    bpy.ops.text3d.decode_again(grid=64)
    refined = recipe_of(generated)
    assert [refined[name].endswith(ending) for name, ending in (("image", ".png"), ("latent", ".npz"))] == [True, True]
    bpy.ops.text3d.new_seed()
    assert (recipe_of(generated)["image"].endswith(".png"), recipe_of(generated)["latent"]) == (True, "")


def test_the_mesh_of_a_pair_is_replaced_alone(addon, scene):
    addon.outputs = "both"
    bpy.ops.text3d.generate()
    target = next(item for item in scene.objects if not item.text3d_point_radius)
    bpy.context.view_layer.objects.active = target
    bpy.ops.text3d.new_seed()
    assert len(scene.objects) == 2
    assert recipe_of(target)["outputs"] == "mesh"


def test_generate_replaces_if_the_panel_says_so_and_adds_without_an_active_object(addon, scene):
    addon.into = "REPLACE"
    bpy.ops.text3d.generate()
    bpy.ops.text3d.generate()
    assert len(scene.objects) == 1
    addon.outputs = "both"
    bpy.ops.text3d.generate()
    assert len(scene.objects) == 2
    assert len(scene.objects["a red chair"].text3d_versions) == 3


def test_generate_says_which_output_cannot_replace_the_active_object(addon, scene):
    bpy.ops.text3d.generate()
    addon.into, addon.outputs = "REPLACE", "cloud"
    with pytest.raises(RuntimeError, match=r'"a red chair" is a mesh and cannot be replaced by a point cloud'):
        bpy.ops.text3d.generate()


def test_the_keys_are_taken_only_while_the_active_object_has_versions(generated, scene):
    keys = bpy.context.window_manager.keyconfigs.addon.keymaps["Object Mode"].keymap_items
    assert {key.idname: key.type for key in keys} == {
        "text3d.previous_version": "LEFT_BRACKET", "text3d.next_version": "RIGHT_BRACKET",
    }  # fmt: skip
    flips = (bpy.ops.text3d.previous_version, bpy.ops.text3d.next_version)
    assert not any(flip.poll() for flip in flips)
    bpy.ops.text3d.new_seed()
    assert all(flip.poll() for flip in flips)
    assert bpy.ops.text3d.next_version() == {"CANCELLED"}
    bpy.ops.object.mode_set(mode="EDIT")
    assert not any(flip.poll() for flip in flips)
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.context.view_layer.objects.active = None
    assert not any(flip.poll() for flip in flips)


def test_versions_are_set_deleted_kept_and_turned_into_objects(generated, scene):
    bpy.ops.text3d.new_seed(count=4)
    assert bpy.ops.text3d.set_version(number=2) == {"FINISHED"}
    with pytest.raises(RuntimeError, match="has no version 9, only 5"):
        bpy.ops.text3d.set_version(number=9)
    bpy.ops.text3d.delete_version()
    assert (seed(), len(generated.text3d_versions), len(bpy.data.meshes)) == (5, 4, 4)
    bpy.ops.text3d.versions_to_objects()
    assert len(scene.objects) == len(bpy.data.meshes) == 4
    bpy.ops.text3d.new_seed()
    bpy.ops.text3d.keep_version()
    assert len(bpy.data.meshes) == 4
    assert not bpy.ops.text3d.keep_version.poll()


def test_a_replacement_is_one_undo_step(generated, replace_in_window, drive):
    name = generated.name
    bpy.ops.ed.undo_push(message="before")
    replace_in_window(bpy.ops.text3d.new_seed)
    drive(is_idle)
    new = recipe_of(bpy.data.objects[name])["seed"]
    bpy.ops.ed.undo()
    assert (recipe_of(bpy.data.objects[name])["seed"], len(bpy.data.objects)) == (5, 1)
    bpy.ops.ed.redo()
    assert recipe_of(bpy.data.objects[name])["seed"] == new
    assert not find_previews()


def test_the_preview_is_another_object_at_the_same_place_and_the_object_keeps_its_data(
    generated, addon, replace_in_window, drive
):
    generated.scale = (2, 2, 2)
    bpy.context.view_layer.update()
    slow(generated, addon)
    data = generated.data
    replace_in_window(bpy.ops.text3d.new_seed)
    drive(forming_shows)
    (preview,) = find_previews()
    bpy.context.view_layer.update()
    assert preview != generated
    assert preview.matrix_world == generated.matrix_world
    assert generated.data == data
    drive(is_idle)
    assert generated.data != data
    assert not find_previews()


def test_an_object_that_is_replaced_twice_at_once_gets_both_versions(generated, replace_in_window, drive):
    replace_in_window(bpy.ops.text3d.new_seed)
    replace_in_window(bpy.ops.text3d.make_again)
    drive(is_idle)
    assert len(generated.text3d_versions) == 3


def test_a_renamed_and_moved_object_is_found(generated, addon, replace_in_window, drive):
    slow(generated, addon)
    replace_in_window(bpy.ops.text3d.new_seed)
    drive(forming_shows)
    generated.name, generated.location.x = "my chair", 9
    drive(is_idle)
    assert len(generated.text3d_versions) == 2
    assert (generated.name, generated.location.x) == ("my chair", 9)


def test_the_object_is_replaced_and_not_its_duplicate(generated, addon, scene, replace_in_window, drive):
    slow(generated, addon)
    replace_in_window(bpy.ops.text3d.new_seed)
    bpy.ops.object.duplicate()
    duplicate = active()
    drive(is_idle)
    assert (len(generated.text3d_versions), len(duplicate.text3d_versions)) == (2, 0)


def test_an_object_deleted_meanwhile_is_imported_as_a_new_one_with_a_notice(
    generated, addon, scene, replace_in_window, drive
):
    slow(generated, addon)
    replace_in_window(bpy.ops.text3d.new_seed)
    drive(forming_shows)
    bpy.data.objects.remove(generated)
    drive(is_idle)
    (target,) = scene.objects
    assert tuple(target.location) == (1, 2, 3)
    assert not target.show_in_front
    assert any("is no longer in the file. The result was imported as a new object." in text for text in state.notices)


def test_an_object_in_edit_mode_is_replaced_once_it_is_left(generated, replace_in_window, drive):
    job = replace_in_window(bpy.ops.text3d.new_seed)
    bpy.ops.object.mode_set(mode="EDIT")
    drive(lambda: job.end == "finished")
    for _ in range(3):
        poll_timer.on_timer()
    assert state.finished
    bpy.ops.object.mode_set(mode="OBJECT")
    drive(is_idle)
    assert len(generated.text3d_versions) == 2


def test_undo_while_it_forms_still_finds_the_object(generated, addon, replace_in_window, drive):
    name = generated.name
    slow(generated, addon)
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.ed.undo_push(message="cube")
    bpy.context.view_layer.objects.active = bpy.data.objects[name]
    replace_in_window(bpy.ops.text3d.new_seed)
    drive(forming_shows)
    bpy.ops.ed.undo()
    drive(is_idle)
    assert len(bpy.data.objects[name].text3d_versions) == 2
    assert len(bpy.data.objects) == 1


def test_a_file_reopened_while_it_forms_still_gets_the_version(generated, addon, replace_in_window, drive, tmp_path):
    name = generated.name
    slow(generated, addon)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "chair.blend"))
    replace_in_window(bpy.ops.text3d.new_seed)
    drive(forming_shows)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "chair.blend"))
    drive(is_idle)
    assert len(bpy.data.objects[name].text3d_versions) == 2
    assert not state.ready


def test_another_file_gets_the_offer(generated, addon, replace_in_window, drive):
    slow(generated, addon)
    replace_in_window(bpy.ops.text3d.new_seed)
    drive(forming_shows)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    drive(is_idle)
    assert not bpy.data.objects
    assert len(state.ready) == 1


def test_a_retry_replaces_the_same_object(generated, scene, replace_in_window, drive):
    generated["text3d_recipe"] = generated["text3d_recipe"].replace("a red chair", "dies a red chair")
    job = replace_in_window(bpy.ops.text3d.new_seed)
    drive(is_idle)
    assert job.folder.job_id in state.ended
    values = job.folder.request.read_text().replace("dies ", "")
    job.folder.request.write_text(values)
    bpy.context.view_layer.objects.active = None
    retry(JobFolder(job.folder.path), scene, "same")
    drive(is_idle)
    assert len(generated.text3d_versions) == 2


def test_versions_survive_disabling_and_enabling_the_add_on(generated):
    bpy.ops.text3d.new_seed()
    blender_text3d.unregister()
    blender_text3d.register()
    assert bpy.ops.text3d.previous_version() == {"FINISHED"}
    assert seed() == 5


def test_a_linked_object_says_what_to_do(generated, tmp_path):
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, to):
        to.objects = ["a red chair"]
    bpy.context.scene.collection.objects.link(to.objects[0])
    bpy.context.view_layer.objects.active = to.objects[0]
    with pytest.raises(RuntimeError, match="linked from another file"):
        bpy.ops.text3d.new_seed()
    assert bpy.ops.text3d.new_seed(into="NEW") == {"FINISHED"}
    assert len(bpy.context.scene.objects) == 2


def test_the_panel_shows_the_version_and_the_menu_all_of_them(generated):
    from blender_text3d.addon.panels.versions import draw_versions

    assert "v1 of 1" in drawn()
    bpy.ops.text3d.new_seed()
    bpy.ops.text3d.previous_version()
    assert "v1 of 2" in drawn()
    layout = RecordingLayout()
    draw_versions(layout, generated)
    assert [text.split("  ·  ")[:3] for text in layout.texts] == [
        ["v2", "a red chair", f"seed {generated.text3d_versions[1].seed}"], ["v1", "a red chair", "seed 5"],
    ]  # fmt: skip


def test_another_version_is_shown_only_after_parts_are_joined(generated, scene):
    bpy.ops.text3d.new_seed()
    half = positions_of(generated)[:, 2] > np.median(positions_of(generated)[:, 2])
    colors = np.where(half[:, None], np.float32([1, 0, 0, 1]), np.float32([0, 0, 1, 1]))
    generated.data.attributes["Color"].data.foreach_set("color", colors.ravel())
    assert bpy.ops.text3d.separate_parts(by="COLOR") == {"FINISHED"}
    assert len(scene.objects) == 2
    for show in (bpy.ops.text3d.previous_version, lambda: bpy.ops.text3d.set_version(number=1)):
        with pytest.raises(RuntimeError, match="separated into parts. Another version would .* Use Join Parts first"):
            show()
    assert bpy.ops.text3d.join_parts() == {"FINISHED"}
    assert bpy.ops.text3d.previous_version() == {"FINISHED"}
    assert seed() == 5
