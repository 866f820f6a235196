# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of an object and a saved latent decoded again, through the engine's interface."""

from dataclasses import replace

import numpy as np
import pytest

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.shap_e.saved_latent import WrongLatent, save_latent
from tests.engine.weights.run_steps import run_steps

RECIPE = Recipe("a red chair", "mini/shap-e", seed=3, steps=8, guidance=1.5, grid=40, device="cpu")


@pytest.fixture(scope="module")
def engine():
    return Engine()


@pytest.fixture(scope="module")
def made(engine):
    return run_steps(engine.generate(replace(RECIPE, views=3, view_size=32)))


def test_a_recipe_with_views_gets_them_with_one_step_each(made):
    steps, result = made
    assert result.views.images.shape == (3, 32, 32, 4)
    assert [step.index for step in steps if step.stage == "views"] == [0, 1, 2, 3]
    assert (result.views.images[..., 3] > 127).any(axis=(1, 2)).all()


def test_a_saved_latent_gives_the_same_object_without_sampling_and_a_finer_one(engine, made, tmp_path):
    before = made[1]
    save_latent(tmp_path / "latent.npz", before.latent, before.weights_sha256)
    from_latent = replace(RECIPE, latent=tmp_path / "latent.npz")
    steps, same = run_steps(engine.generate(from_latent))
    assert not any(step.stage == "sample" for step in steps)
    assert np.array_equal(same.mesh.vertices, before.mesh.vertices)
    finer = run_steps(engine.generate(replace(from_latent, grid=80, views=1, view_mode="nerf", view_size=16)))[1]
    assert len(finer.mesh.faces) > 3 * len(same.mesh.faces)
    assert len(finer.views) == 1


def test_a_file_without_a_latent_is_refused(engine, tmp_path):
    (tmp_path / "latent.npz").write_bytes(b"not numbers")
    with pytest.raises(WrongLatent, match="latent.npz"):
        run_steps(engine.generate(replace(RECIPE, latent=tmp_path / "latent.npz")))
