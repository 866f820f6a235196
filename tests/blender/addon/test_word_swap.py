# SPDX-License-Identifier: GPL-3.0-or-later
"""One word of a prompt replaced by every other of its kind, at the same seed."""

import bpy
import pytest

from blender_text3d.addon.jobs import from_recipe, submit
from blender_text3d.addon.state.word_swap import swappable_words, swapped_kind, swapped_prompts
from blender_text3d.prompts.vocabulary import read_vocabulary

COLORS = len(read_vocabulary().groups["colors"])
RECIPE = {
    "prompt": "a red chair", "model": "mini/shap-e", "seed": 5, "quality": "draft", "steps": 12, "guidance": 2.5,
    "grid": 64, "outputs": "mesh", "size_m": 1.0, "latent": "/gone/latent.npz", "max_faces": 100,
}  # fmt: skip


@pytest.fixture
def submitted(monkeypatch):
    """The requests that were queued; none is run."""
    requests = []
    monkeypatch.setattr(submit, "submit", lambda new, scene: requests.extend(new) or [])
    return requests


def test_a_color_is_replaced_by_every_other_color():
    prompts = swapped_prompts("a red chair with black legs", "red")
    assert len(prompts) == len(set(prompts)) == COLORS - 1
    assert "a blue chair with black legs" in prompts
    assert "a red chair with black legs" not in prompts


def test_the_article_follows_the_new_word():
    assert "an orange chair" in swapped_prompts("a red chair", "red")
    assert "A red chair" in swapped_prompts("An orange chair", "orange")
    assert "an apple" in swapped_prompts("a chair", "chair")


def test_only_the_first_use_is_replaced():
    assert "a blue chair with red legs" in swapped_prompts("a red chair with red legs", "red")


def test_an_alias_counts_as_the_word_it_stands_for():
    prompts = swapped_prompts("a grey chair", "grey")
    assert "a red chair" in prompts
    assert "a gray chair" not in prompts


@pytest.mark.parametrize("word", ["a", "wizard", "with", "", "blue"])
def test_words_without_others_of_their_kind_are_not_swapped(word):
    assert swapped_prompts("a red wizard chair with legs", word) == []
    assert swapped_kind("a red wizard chair with legs", word) == ""


def test_the_words_that_can_be_swapped_are_colors_objects_materials_and_sizes():
    assert [use.text for use in swappable_words("a small red wooden chair, red")] == ["small", "red", "wooden", "chair"]
    kinds = [swapped_kind("a small red wooden chair", word) for word in ("small", "red", "wooden", "chair")]
    assert kinds == ["size", "color", "material", "object"]


def test_an_object_is_replaced_by_those_that_its_model_knows(addon, scene, submitted, trained_model):
    from_recipe.swap_word(RECIPE, scene, "chair")
    latest = {request.prompt for request in submitted}
    submitted.clear()
    from_recipe.swap_word(RECIPE | {"model": "mini/point-e"}, scene, "chair")
    earlier = {request.prompt for request in submitted}
    assert (len(latest), len(earlier)) == (121, 36)
    assert "a red dragon" in latest
    assert earlier < latest


def test_the_objects_keep_seed_and_settings_of_the_recipe_and_sample_anew(addon, scene, submitted):
    from_recipe.swap_word(RECIPE, scene, "red")
    assert len(submitted) == COLORS - 1
    kept = {(each.seed, each.quality, each.steps, each.grid, each.latent, each.max_faces) for each in submitted}
    assert kept == {(5, "draft", 12, 64, "", 100)}
    assert len({request.prompt for request in submitted}) == COLORS - 1


@pytest.mark.parametrize("change", [{"image": "/a.png"}, {"object": "/a.glb"}, {"prompt": "a red wizard"}])
def test_a_word_that_did_not_decide_the_object_is_refused(addon, scene, submitted, change):
    with pytest.raises(submit.SubmitError, match="'chair' cannot be swapped"):
        from_recipe.swap_word(RECIPE | change, scene, "chair")
    assert not submitted


def test_the_operator_makes_a_row_of_the_active_object(addon, scene, start_job, drive, monkeypatch):
    (job,) = start_job("a red chair", seed=9, has_random_seed=False)
    drive(lambda: not submit.state.jobs)
    monkeypatch.setattr(
        from_recipe, "swapped_prompts", lambda prompt, word, model: [f"{prompt} {number}" for number in (1, 2)]
    )
    assert bpy.ops.text3d.swap_word(word="red") == {"FINISHED"}
    assert sorted(item.name for item in scene.objects) == ["a red chair", "a red chair 1", "a red chair 2"]


def test_without_a_generated_object_the_operator_says_what_it_needs(addon, scene):
    with pytest.raises(RuntimeError, match="Requires a generated object whose prompt"):
        bpy.ops.text3d.swap_word(word="red")
