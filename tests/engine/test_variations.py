# SPDX-License-Identifier: GPL-3.0-or-later
"""Variations of a seed, with the small models."""

import numpy as np
import pytest

from blender_text3d.engine.generate import Engine, Recipe

COMMON = {"prompt": "a red chair", "steps": 6, "guidance": 1.5, "grid": 32, "outputs": "both", "device": "cpu"}


@pytest.fixture(scope="module")
def engine():
    return Engine()


def cloud_of(engine, model, **changes):
    """Return the points `(N, 3) float32` of a recipe that the noise decides; for Shap-E the latent."""
    steps = engine.generate(Recipe(**COMMON | {"model": model, "seed": 3} | changes))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value.cloud.points if end.value.latent is None else end.value.latent


@pytest.mark.parametrize(
    ("model", "solver"), [("mini/shap-e", "dpm++2m"), ("mini/shap-e", "heun"), ("mini/point-e", "heun")]
)
def test_strength_leads_from_one_seed_to_the_other(engine, model, solver):
    own, other = (cloud_of(engine, model, solver=solver, seed=seed) for seed in (3, 8))
    varied = {
        strength: cloud_of(engine, model, solver=solver, variation_seed=8, variation_strength=strength)
        for strength in (0.0, 0.1, 1.0)
    }
    np.testing.assert_array_equal(varied[0.0], own)
    np.testing.assert_array_equal(varied[1.0], other)
    assert 0 < np.abs(varied[0.1] - own).mean() < 0.5 * np.abs(other - own).mean()


def test_a_variation_of_a_variation_starts_from_it(engine):
    first = cloud_of(engine, "mini/shap-e", variation_seed=8, variation_strength=0.5)
    again = {"earlier_variations": "8:0.5", "variation_seed": 9}
    np.testing.assert_array_equal(cloud_of(engine, "mini/shap-e", **again), first)
    near = cloud_of(engine, "mini/shap-e", **again, variation_strength=0.1)
    base = cloud_of(engine, "mini/shap-e", variation_seed=9, variation_strength=0.1)
    assert np.abs(near - first).mean() < np.abs(base - first).mean()
