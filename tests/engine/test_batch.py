# SPDX-License-Identifier: GPL-3.0-or-later
"""Several recipes as one batch: each object is the same as alone."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from blender_text3d.engine.generate import EmptySurface, Engine, Recipe, Result, Step, attach_results, validated
from blender_text3d.geometry import Mesh
from tests.engine.weights.run_steps import run_steps

COMMON = {"model": "mini/shap-e", "steps": 8, "guidance": 1.5, "grid": 40, "device": "cpu"}


@pytest.mark.parametrize(("solver", "every"), [("heun", 1), ("dpm++2m", 1), ("dpm++2m", 2)])
def test_an_object_is_the_same_alone_and_in_a_batch(solver, every):
    engine, common = Engine(), COMMON | {"solver": solver, "guidance_every": every}
    recipes = [Recipe(prompt, seed=seed, **common) for prompt, seed in (("a red mug", 1), ("a tree", 9))]
    _, together = run_steps(engine.generate_batch(recipes))
    for recipe, result in zip(recipes, together, strict=True):
        alone = run_steps(engine.generate(recipe))[1]
        assert np.abs(alone.latent - result.latent).max() < 1e-4
        assert alone.mesh.faces.shape == result.mesh.faces.shape
    assert np.abs(together[0].latent - together[1].latent).max() > 0.1


@pytest.mark.parametrize("model", ["mini/shap-e", "mini/point-e"])
def test_each_result_comes_in_a_step_as_soon_as_it_exists_with_its_provenance(model):
    recipes = [Recipe(prompt, seed=1, **COMMON | {"model": model}) for prompt in ("a red mug", "a blue box")]
    steps, results = run_steps(Engine().generate_batch(recipes))
    made = [(index, step.result) for index, step in steps if step.stage == "made"]
    assert [index for index, _ in made] == [0, 1]
    assert all(result is returned for (_, result), returned in zip(made, results, strict=True))
    assert {(result.device, len(result.weights_sha256)) for result in results} == {("cpu", 64)}
    last_of_the_first = max(position for position, (index, _) in enumerate(steps) if index == 0)
    assert steps[last_of_the_first][1].result
    assert steps[last_of_the_first + 1][0] == 1


def test_a_result_that_a_pipeline_only_returns_comes_in_a_last_step():
    def pipeline():
        yield 0, Step("sample", 1, 1)
        yield 1, Step("made", 1, 1, result=Result(None, None, None, device="early"))
        return [Result(None, None, None), Result(None, None, None)]

    model = SimpleNamespace(device=torch.device("cpu"), sha256="0" * 64)
    recipes = [Recipe(prompt, seed=1, **COMMON) for prompt in ("a red mug", "a red chair")]
    steps, results = run_steps(attach_results(pipeline(), model, recipes))
    assert [(index, step.stage) for index, step in steps] == [(0, "sample"), (1, "made"), (0, "made")]
    assert [result.device for result in results] == ["cpu", "cpu"]


def test_an_empty_surface_is_an_error_of_its_recipe_only():
    empty = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), np.zeros((0, 3), np.float32))
    with pytest.raises(EmptySurface, match="no surface for 'a red mug' with seed 1"):
        validated(Result(empty, None, None), Recipe("a red mug", seed=1, **COMMON))


def test_every_step_has_the_index_of_its_recipe():
    recipes = [Recipe(prompt, seed=1, **COMMON) for prompt in ("a red mug", "a tornado")]
    steps, _ = run_steps(Engine().generate_batch(recipes))
    assert [index for index, step in steps if step.notice] == [1]
    for index in (0, 1):
        assert [step.index for owner, step in steps if owner == index and step.stage == "sample"] == list(range(9))


def test_recipes_that_cannot_share_a_batch_are_refused():
    recipes = Recipe("a red mug", seed=1, **COMMON), Recipe("a red mug", seed=1, **COMMON | {"steps": 9})
    with pytest.raises(ValueError, match="share model, steps"):
        run_steps(Engine().generate_batch(recipes))
