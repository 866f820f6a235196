# SPDX-License-Identifier: GPL-3.0-or-later
"""Several recipes as one batch: each object as it would be alone."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from blender_text3d.engine.generate import EmptySurface, Engine, Recipe, Result, Step, attach_results, validated
from blender_text3d.geometry import Mesh

COMMON = {"model": "mini/shap-e", "steps": 8, "guidance": 1.5, "grid": 40, "device": "cpu"}


def ended(generator):
    """(all that was yielded, what was returned)."""
    news = []
    while True:
        try:
            news.append(next(generator))
        except StopIteration as end:
            return news, end.value


@pytest.mark.parametrize("solver", ["heun", "dpm++2m"])
def test_an_object_is_the_same_alone_and_in_company(solver):
    engine = Engine()
    recipes = [Recipe(prompt, seed=seed, solver=solver, **COMMON) for prompt, seed in (("a red mug", 1), ("a tree", 9))]
    _, together = ended(engine.generate_batch(recipes))
    for recipe, result in zip(recipes, together, strict=True):
        alone = ended(engine.generate(recipe))[1]
        assert np.abs(alone.latent - result.latent).max() < 1e-4
        assert alone.mesh.faces.shape == result.mesh.faces.shape
    assert np.abs(together[0].latent - together[1].latent).max() > 0.1


@pytest.mark.parametrize("model", ["mini/shap-e", "mini/point-e"])
def test_each_result_is_told_as_soon_as_it_is_there_and_signed(model):
    recipes = [Recipe(prompt, seed=1, **COMMON | {"model": model}) for prompt in ("a red mug", "a blue box")]
    news, results = ended(Engine().generate_batch(recipes))
    made = [(which, step.result) for which, step in news if step.stage == "made"]
    assert [which for which, _ in made] == [0, 1]
    assert all(result is whole for (_, result), whole in zip(made, results, strict=True))
    assert {(result.device, len(result.weights_sha256)) for result in results} == {("cpu", 64)}
    last_of_the_first = max(place for place, (which, _) in enumerate(news) if which == 0)
    assert news[last_of_the_first][1].result and news[last_of_the_first + 1][0] == 1


def test_a_result_that_a_pipeline_keeps_to_its_end_is_told_then():
    def making():
        yield 0, Step("sample", 1, 1)
        yield 1, Step("made", 1, 1, result=Result(None, None, None, device="early"))
        return [Result(None, None, None), Result(None, None, None)]

    model = SimpleNamespace(device=torch.device("cpu"), sha256="0" * 64)
    news, results = ended(attach_results(making(), model))
    assert [(which, step.stage) for which, step in news] == [(0, "sample"), (1, "made"), (0, "made")]
    assert [result.device for result in results] == ["cpu", "cpu"]


def test_an_empty_object_is_an_error_of_its_recipe_alone():
    nothing = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), np.zeros((0, 3), np.float32))
    with pytest.raises(EmptySurface, match="Nothing came out for 'a red mug' with seed 1"):
        validated(Result(nothing, None, None), Recipe("a red mug", seed=1, **COMMON))


def test_every_step_says_whose_it_is():
    recipes = [Recipe(prompt, seed=1, **COMMON) for prompt in ("a red mug", "a dragon")]
    news, _ = ended(Engine().generate_batch(recipes))
    assert [which for which, step in news if step.notice] == [1]
    for which in (0, 1):
        assert [step.index for of, step in news if of == which and step.stage == "sample"] == list(range(9))


def test_recipes_that_cannot_run_together_are_refused():
    one, other = Recipe("a red mug", seed=1, **COMMON), Recipe("a red mug", seed=1, **COMMON | {"steps": 9})
    with pytest.raises(ValueError, match="share model, steps"):
        ended(Engine().generate_batch([one, other]))
