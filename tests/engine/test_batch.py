# SPDX-License-Identifier: GPL-3.0-or-later
"""Several recipes as one batch: each object as it would be alone."""

import numpy as np
import pytest

from blender_text3d.engine.generate import Engine, Recipe

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
