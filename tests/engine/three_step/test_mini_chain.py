# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt to view to object with the small models; the views are painted."""

import numpy as np
import pytest
import torch
from PIL import Image

from blender_text3d.engine.generate import Engine, Recipe, batch_key
from blender_text3d.engine.provenance import image_weights_sha256, weights_sha256
from blender_text3d.engine.three_step import chain
from blender_text3d.engine.three_step.choose_view import UnusableView
from tests.engine.three_step.painted import BLACK, BLANK, BLUE, RED, STEPS, YELLOW, picture_of, use_painted_images
from tests.engine.weights.run_steps import run_steps

SETTINGS = {
    "model": "mini/three-step", "steps": 4, "guidance": 1.0, "grid": 32, "device": "cpu", "solver": "distilled",
    "image_model": "mini/glide", "quality": "draft",
}  # fmt: skip


@pytest.fixture
def painted(monkeypatch):
    return use_painted_images(monkeypatch, writes_prompt=False)


@pytest.fixture
def engine():
    return Engine()


def recipe(prompt="a red mug", seed=RED, **choices):
    return Recipe(prompt, seed=seed, **SETTINGS | choices)


def run(engine, *recipes):
    """The steps of the first recipe, and the results."""
    steps, results = run_steps(engine.generate_batch(recipes))
    return [step for index, step in steps if index == 0], results


def notices(steps):
    return " ".join(step.notice for step in steps if step.notice)


def test_the_view_is_made_chosen_and_read_by_the_tower_and_becomes_the_object(engine, painted, tmp_path):
    steps, (result,) = run(engine, recipe())
    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages == ["load", "image", "choose", "sample", "mesh", "made"]
    assert [step.index for step in steps if step.stage == "image"] == list(range(1, STEPS + 1))
    assert "Using: a red mug." in notices(steps)
    Image.fromarray(picture_of(RED)).save(tmp_path / "view.png")
    _, (of_file,) = run(engine, recipe(image=tmp_path / "view.png"))
    assert torch.equal(torch.from_numpy(result.latent), torch.from_numpy(of_file.latent))
    _, (by_shap_e,) = run(engine, recipe(model="mini/shap-e", image_model="", image=tmp_path / "view.png"))
    assert np.array_equal(result.latent, by_shap_e.latent)


def test_the_object_is_that_of_the_view_and_not_of_the_prompt(engine, painted):
    steps, (blue,) = run(engine, recipe("a red mug", seed=BLUE))
    assert "Using: a blue mug." in notices(steps)
    assert blue.mesh.colors.mean(0)[2] > blue.mesh.colors.mean(0)[0]


def test_each_step_shows_the_pictures_and_the_last_ones_are_the_candidates(engine, painted):
    steps, _ = run(engine, recipe(candidates=4))
    shown = [step.pictures() for step in steps if step.pictures]
    assert [pictures.shape for pictures in shown] == [(4, 96, 96, 3)] * STEPS
    assert shown[0].mean() < shown[-1].mean()
    (candidates,) = [step.candidates for step in steps if step.candidates is not None]
    assert np.array_equal(candidates, np.stack([picture_of(RED + number) for number in range(4)]))
    assert np.array_equal(candidates, shown[-1])


@pytest.mark.parametrize(("prompt", "best"), [("a red mug", 1), ("a yellow mug", 3), ("a green mug with a handle", 2)])
def test_the_candidate_whose_kind_and_color_the_tower_sees_is_taken(engine, painted, prompt, best):
    steps, _ = run(engine, recipe(prompt, seed=BLUE, candidates=4))
    (choice,) = [step.choice for step in steps if step.choice]
    assert choice.index == best
    assert choice.scored_by == "image tower"
    assert choice.scores[best] == max(choice.scores) > 0.5
    assert min(choice.scores) < 0.1
    assert f"view_{best}.png was taken of 4 views; its score by image tower is 0." in notices(steps)


def test_without_a_kind_to_look_for_the_first_usable_view_is_taken_and_told(engine, painted):
    steps, _ = run(engine, recipe("a zorg", seed=BLACK, candidates=4))  # black, white, green, yellow
    (choice,) = [step.choice for step in steps if step.choice]
    assert (choice.index, choice.scores, choice.scored_by) == (2, (None,) * 4, "")
    assert "view_2.png was taken, the first of 4 views, because the prompt names no kind" in notices(steps)


def test_one_view_needs_no_choice(engine, painted):
    steps, _ = run(engine, recipe())
    (choice,) = [step.choice for step in steps if step.choice]
    assert (choice.index, choice.scores) == (0, (None,))
    assert "taken" not in notices(steps)


@pytest.mark.parametrize(("seed", "reason"), [(BLACK, "black image of 'a red mug'"), (BLANK, "only background")])
def test_a_view_without_an_object_is_an_error(engine, painted, seed, reason):
    with pytest.raises(UnusableView, match=reason):
        run(engine, recipe(seed=seed))
    assert painted[-1].closed == 1


def test_a_given_image_is_the_view_and_no_image_model_is_loaded(engine, painted, tmp_path):
    Image.fromarray(picture_of(YELLOW)).save(tmp_path / "mine.png")
    steps, _ = run(Engine(), recipe(image=tmp_path / "mine.png"))
    assert {step.stage for step in steps} == {"load", "sample", "mesh", "made"}
    assert not painted


def test_settings_of_a_view_that_an_image_replaces_are_told(engine, painted, tmp_path):
    Image.fromarray(picture_of(RED)).save(tmp_path / "view.png")
    steps, _ = run(engine, recipe(image=tmp_path / "view.png", candidates=4))
    assert "The image takes the place of the view, so the settings of the view have no effect." in notices(steps)
    assert "takes the place" not in notices(run(engine, recipe(image=tmp_path / "view.png"))[0])


def test_only_views_end_before_the_object_and_load_no_model_of_it(painted, monkeypatch):
    monkeypatch.setattr(chain.ThreeStep, "run_shape", None)
    steps, (result,) = run(Engine(), recipe(outputs="view", candidates=9))
    assert (result.mesh, result.cloud, result.latent) == (None, None, None)
    assert [step.candidates.shape for step in steps if step.candidates is not None] == [(9, 96, 96, 3)]
    assert steps[-1].stage == "made"


def test_a_batch_makes_the_views_of_one_prompt_at_once_and_each_object_is_the_same_as_alone(engine, painted):
    painted.clear()
    engine._loaded.clear()
    recipes = [recipe(seed=RED), recipe(seed=YELLOW), recipe("a blue mug", seed=BLUE)]
    steps, together = run_steps(engine.generate_batch(recipes))
    assert [seeds for _, seeds, *_ in painted[0].asked] == [[RED, YELLOW], [BLUE]]
    own = [step.pictures() for index, step in steps if index == 1 and step.pictures]
    assert np.array_equal(own[-1], picture_of(YELLOW)[None])
    for made, alone in zip(together, recipes, strict=True):
        assert np.abs(made.latent - run(engine, alone)[1][0].latent).max() < 1e-4


def test_a_run_that_is_closed_frees_the_image_model(engine, painted):
    steps = engine.generate_batch([recipe()])
    while next(steps)[1].stage != "image":
        pass
    steps.close()
    assert painted[-1].closed == 1


@pytest.mark.parametrize(
    "other",
    [{"candidates": 4}, {"quality": "standard"}, {"negative_prompt": "legs"}, {"image_size": 64},
     {"image_model_source": "x"}, {"outputs": "view"}],
)  # fmt: skip
def test_recipes_whose_views_differ_in_a_setting_are_no_batch(other):
    assert batch_key(recipe(**other)) != batch_key(recipe())
    assert batch_key(recipe(outputs="both")) == batch_key(recipe())


def test_the_weights_of_both_models_are_known_before_the_run(engine, painted, tmp_path):
    model, shape = engine.load("mini/three-step", "cpu"), engine.load("mini/shap-e", "cpu")
    assert weights_sha256(model, recipe()) == shape.distilled[4].sha256
    assert weights_sha256(model, recipe(solver="heun")) == shape.sha256 == model.sha256
    assert image_weights_sha256(model, recipe()) == "12" * 32
    assert image_weights_sha256(model, recipe(image=tmp_path / "a.png")) == image_weights_sha256(shape, recipe()) == ""
    assert weights_sha256(model, recipe(outputs="view")) == "12" * 32


@pytest.mark.parametrize("model", ["mini/shap-e", "mini/point-e"])
def test_a_section_of_the_field_is_positive_inside_the_object(engine, model, tmp_path):
    choices = {"image_model": "", "solver": "dpm++2m", "steps": 8}
    steps, (result,) = run(engine, recipe("a red ball", model=model, **choices))
    (distances,) = [step.distances() for step in steps if step.distances]
    assert (distances.shape, distances.dtype) == ((96, 96), np.float32)
    assert distances[0].max() < 0
    inside = np.argwhere(distances > 0)
    low, high = (inside[:, 0].min() / 95 * 2 - 1, inside[:, 0].max() / 95 * 2 - 1)
    near = result.mesh.vertices[np.abs(result.mesh.vertices[:, 0]) < 0.1]
    assert (low, high) == pytest.approx((near[:, 2].min(), near[:, 2].max()), abs=0.12)
