# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects between two selected ones: their settings, what cannot be blended, and the broken ones."""

import json
import shutil
from itertools import pairwise

import bpy
import pytest

from blender_text3d.addon.state.blend import BlendEnd, SeedNoise, blend_changes, even_shares, noise_changes
from blender_text3d.addon.state.contact_sheet import SPACING
from blender_text3d.addon.state.session_state import state
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.scene.recipe import recipe_of


def generate(settings, prompt, seed, **choices):
    settings.prompt, settings.seed, settings.has_random_seed = prompt, seed, False
    for name, value in choices.items():
        setattr(settings, name, value)
    bpy.ops.text3d.generate()
    return bpy.context.view_layer.objects.active


def select(*targets):
    """Select objects, the first of which is active."""
    for item in bpy.context.view_layer.objects:
        item.select_set(item in targets)
    bpy.context.view_layer.objects.active = targets[0]


@pytest.fixture
def pair(addon, scene):
    """A chair of seed 5 and a mug of seed 9, the chair active."""
    ends = generate(addon, "a chair", 5), generate(addon, "a mug", 9)
    select(*ends)
    return ends


def new_recipes(scene, pair):
    made = [item for item in scene.objects if item not in pair]
    return [recipe_of(item) for item in sorted(made, key=lambda item: item.location.x)]


def test_objects_between_two_stand_in_a_row_from_the_active_one_to_the_other(addon, scene, pair, tmp_path):
    shutil.rmtree(tmp_path / "data" / "jobs")  # the recipes are enough
    assert bpy.ops.text3d.blend(count=3) == {"FINISHED"}
    recipes = new_recipes(scene, pair)
    names = ("prompt", "seed", "blend_prompt", "blend_strength", "variation_seed", "variation_strength")
    assert [tuple(recipe[name] for name in names) for recipe in recipes] == [
        ("a chair", 5, "a mug", share, 9, share) for share in (0.25, 0.5, 0.75)
    ]
    assert recipe_of(pair[0])["blend_prompt"] == ""


def test_one_object_has_the_share_of_the_slider(addon, scene, pair):
    bpy.ops.text3d.blend(count=1, share=0.4)
    (recipe,) = new_recipes(scene, pair)
    assert recipe["blend_strength"] == recipe["variation_strength"] == 0.4


def test_broken_objects_are_left_out_and_told_in_one_sentence(addon, scene):
    ends = generate(addon, "a chair that breaks", 5), generate(addon, "a mug", 9)
    select(*ends)
    assert bpy.ops.text3d.blend(count=5) == {"FINISHED"}
    assert [recipe["blend_strength"] for recipe in new_recipes(scene, ends)] == [0.167, 0.833]
    told = [notice for notice in state.notices if "skipped" in notice]
    assert told == ["3 objects were skipped. It is broken at 0.333. Those at 0.5, 0.667 are broken, too."]
    assert state.problem is None


def test_a_cloud_is_not_blended_with_a_mesh_nor_one_model_with_another(addon, scene, pair):
    cloud = generate(addon, "a mug", 9, outputs="cloud")
    select(pair[0], cloud)
    with pytest.raises(
        RuntimeError, match=f'"a chair" is a mesh and "{cloud.name}" is a point cloud. Blend two meshes'
    ):
        bpy.ops.text3d.blend()
    other = generate(addon, "a mug", 9, outputs="mesh", model="mini/point-e")
    select(pair[0], other)
    with pytest.raises(RuntimeError, match=f'"a chair" and "{other.name}" were made with two models. Generate both'):
        bpy.ops.text3d.blend()
    assert not state.jobs


def test_objects_of_two_sizes_give_sizes_between(addon, scene):
    ends = generate(addon, "a chair", 5, size_m=1.0), generate(addon, "a mug", 9, size_m=3.0)
    select(*ends)
    bpy.ops.text3d.blend(count=3)
    assert [recipe["size_m"] for recipe in new_recipes(scene, ends)] == [1.5, 2.0, 2.5]
    places = sorted(item.location.x for item in scene.objects if item not in ends)
    assert [after - before for before, after in pairwise(places)] == pytest.approx([2.5 * SPACING] * 2)


def test_two_selected_generated_objects_are_needed(addon, scene, pair):
    assert bpy.ops.text3d.blend.poll()
    select(pair[0])
    assert not bpy.ops.text3d.blend.poll()
    bpy.ops.mesh.primitive_cube_add()
    select(pair[0], pair[1], bpy.context.object)
    assert not bpy.ops.text3d.blend.poll()
    select(*pair)
    pair[0].select_set(False)
    assert not bpy.ops.text3d.blend.poll()


def test_a_blend_can_be_varied_and_other_words_end_it(addon, scene, pair):
    bpy.ops.text3d.blend(count=1, share=0.5)
    bpy.ops.text3d.vary(strength=0.1)
    recipe = recipe_of(bpy.context.view_layer.objects.active)
    assert (recipe["earlier_variations"], recipe["variation_strength"], recipe["blend_strength"]) == ("9:0.5", 0.1, 0.5)
    assert not bpy.ops.text3d.swap_word.poll()
    bpy.ops.text3d.edit_prompt(prompt="a lamp")
    recipe = recipe_of(bpy.context.view_layer.objects.active)
    assert (recipe["prompt"], recipe["blend_prompt"], recipe["blend_strength"]) == ("a lamp", "", 0.0)


def test_settings_of_a_blend_in_the_panel_are_those_of_the_first_object_and_it_says_so(addon, scene, pair, capfd):
    bpy.ops.text3d.use_settings()
    assert "is a blend" not in capfd.readouterr().out
    bpy.ops.text3d.blend(count=1)
    job_id = bpy.context.view_layer.objects.active["text3d_job_id"]
    for copy in (bpy.ops.text3d.use_settings, lambda: bpy.ops.text3d.result_use_settings(job_id=job_id)):
        copy()
        assert "The object is a blend. The panel has the settings of its first object only" in capfd.readouterr().out
    assert addon.prompt == "a chair"


@pytest.mark.parametrize("change", [{"seed": "x"}, {"size_m": None}, {"earlier_variations": 7}, {"prompt": ["a"]}])
def test_a_recipe_from_an_untrusted_file_is_an_error_and_no_traceback(addon, scene, pair, change):
    pair[1]["text3d_recipe"] = json.dumps(recipe_of(pair[1]) | change)
    with pytest.raises(RuntimeError, match='The recipe of "a mug" is damaged'):
        bpy.ops.text3d.blend()
    assert not state.jobs


PLAIN = {"prompt": "a chair", "model": "mini/shap-e", "seed": 5, "size_m": 1.0}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"image": "/a.png"}, '"second" was not made from a prompt. Blend two objects of prompts.'),
        ({"object": "/a.glb"}, '"second" was not made from a prompt. Blend two objects of prompts.'),
        ({"blend_prompt": "a mug"}, '"second" is a blend itself. Blend the objects that it was made of.'),
    ],
)
def test_what_no_prompt_decided_is_not_blended(change, sentence):
    first, second = BlendEnd("first", PLAIN, "mesh"), BlendEnd("second", PLAIN | change, "mesh")
    for ends in ((first, second), (second, first)):
        with pytest.raises(BadRequest) as refusal:
            blend_changes(*ends, 0.5)
        assert str(refusal.value) == sentence


def noise(seed, *blends):
    return SeedNoise(seed, blends)


@pytest.mark.parametrize(
    ("first", "second", "changes"),
    [
        (noise(5), noise(9), (5, "", 9, 0.25)),
        (noise(5, (7, 0.3)), noise(9), (5, "7:0.3", 9, 0.25)),
        (noise(9), noise(5, (7, 0.3)), (5, "7:0.3", 9, 0.75)),
        (noise(5), noise(5, (7, 0.4)), (5, "", 7, 0.1)),
        (noise(5, (7, 0.4)), noise(5), (5, "", 7, 0.3)),
        (noise(5, (7, 0.2)), noise(5, (7, 0.6)), (5, "", 7, 0.3)),
        (noise(5, (7, 0.6)), noise(5, (7, 0.2)), (5, "", 7, 0.5)),
        (noise(5, (7, 0.2)), noise(5, (7, 0.2), (8, 0.4)), (5, "7:0.2", 8, 0.1)),
        (noise(5, (7, 0.2)), noise(5, (7, 0.2)), ()),
    ],
)
def test_a_quarter_of_the_way_between_two_noises(first, second, changes):
    assert tuple(noise_changes(first, second, 0.25).values()) == changes


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (noise(5, (7, 0.2)), noise(9, (7, 0.2)), "Both objects are variations, of two seeds."),
        (noise(5, (7, 0.2)), noise(5, (8, 0.2)), "The objects are two variations of one seed."),
        (noise(5), noise(5, (7, 0.2), (8, 0.2)), "The objects are two variations of one seed."),
    ],
)
def test_noises_without_a_way_between_them_are_refused(first, second, message):
    with pytest.raises(BadRequest, match=message):
        noise_changes(first, second, 0.5)


def test_shares_divide_the_way_evenly():
    assert even_shares(3) == [0.25, 0.5, 0.75]
    assert even_shares(1) == [0.5]
