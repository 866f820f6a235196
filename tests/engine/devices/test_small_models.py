# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models with their shipped weights on simulated GPUs: the objects of the CPU, and no wait in a solver."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import trimesh

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.shap_e.saved_latent import save_latent
from blender_text3d.engine.surface.clean import is_watertight
from tests.engine.devices.watched import DEVICES, assert_finite, device_of, run, waits_for_noise
from tests.engine.image.drawing import mug
from tests.engine.weights.run_steps import run_steps

SHAP_E = Recipe("a red chair", "mini/shap-e", seed=4, steps=4, guidance=1.5, grid=32, solver="distilled")
POINT_E = replace(SHAP_E, model="mini/point-e", solver="dpm++2m", outputs="both")


@pytest.fixture(scope="module")
def latent_of_cpu():
    """A function that returns the latent of a recipe on the CPU; made once for all devices."""
    engine = Engine()
    return cache(lambda recipe: run_steps(engine.generate(replace(recipe, device="cpu")))[1].latent)


@pytest.fixture(scope="module", params=DEVICES)
def loaded(request):
    """A device's name and an engine with models on it."""
    return request.param, Engine()


def run_on(loaded, *recipes):
    kind, engine = loaded
    with device_of(kind) as counts:
        return run(counts, *(replace(recipe, device=kind) for recipe in recipes), engine=engine)


@pytest.mark.parametrize(
    ("recipe", "steps"),
    [
        (SHAP_E, 4),
        (replace(SHAP_E, solver="euler"), 4),
        (replace(SHAP_E, solver="dpm++2m", steps=6), 6),
        (replace(SHAP_E, solver="heun", steps=3), 3),
    ],
)
def test_shap_e_of_every_quality_is_that_of_the_cpu_and_no_step_waits(loaded, latent_of_cpu, recipe, steps):
    done = run_on(loaded, recipe, replace(recipe, prompt="a green mug", seed=9))
    assert done.evaluated == {"sample": steps}
    assert done.waits == waits_for_noise(loaded[0], 0, first=True)
    for result in done.results:
        assert_finite(result)
        assert is_watertight(result.mesh.faces)
    assert np.abs(latent_of_cpu(recipe) - done.results[0].latent).max() < 1e-4


def test_point_e_makes_both_clouds_and_a_mesh_and_no_step_waits(loaded):
    done = run_on(loaded, POINT_E, replace(POINT_E, seed=9))
    assert done.evaluated == {"points": 4, "upsample": 4}
    assert not done.waits
    for result in done.results:
        assert_finite(result)
        assert len(result.cloud.points) == 1024
        assert len(result.mesh.faces) > 100


def test_an_image_an_object_and_a_blend_are_conditions(loaded, tmp_path):
    mug(size=(160, 120)).save(tmp_path / "mug.png")
    trimesh.creation.box((2, 4, 1)).export(tmp_path / "box.glb")
    of_image = run_on(loaded, replace(SHAP_E, image=tmp_path / "mug.png")).results[0]
    blend = replace(SHAP_E, blend_prompt="a red mug", blend_strength=0.5, variation_seed=8, variation_strength=0.2)
    for result in (of_image, run_on(loaded, blend).results[0]):
        assert_finite(result)
    varied = run_on(loaded, replace(SHAP_E, object=tmp_path / "box.glb", vary=0.5, solver="dpm++2m"))
    assert_finite(varied.results[0])
    assert varied.waits == waits_for_noise(loaded[0], 0, first=True)


def test_steps_views_and_a_finer_mesh_come_from_the_same_latent(loaded, tmp_path):
    viewed = replace(SHAP_E, keep_steps=True, views=1, view_size=16, outputs="both", view_mode="nerf")
    made = run_on(loaded, viewed).results[0]
    assert made.step_latents.shape[0] == 4
    assert_finite(made)
    save_latent(tmp_path / "latent.npz", made.latent, made.weights_sha256)
    finer = run_on(loaded, replace(SHAP_E, latent=tmp_path / "latent.npz", grid=65, views=1, view_size=16))
    assert_finite(finer.results[0])
    assert len(finer.results[0].mesh.faces) > len(made.mesh.faces)


def test_previews_and_sections_are_made_where_the_model_is(loaded):
    kind, engine = loaded
    with device_of(kind):
        for recipe in (replace(SHAP_E, solver="dpm++2m", steps=9), POINT_E):
            steps = []
            for step in engine.generate(replace(recipe, device=kind)):
                steps.append(step.stage if step.preview is None or step.index < step.total else "skipped")
                shown = step.preview() if step.preview and step.index == 4 else None
                assert shown is None or np.isfinite(vars(shown).get("points", vars(shown).get("vertices"))).all()
                assert step.distances is None or np.isfinite(step.distances()).all()
            assert steps


def test_the_small_glide_makes_a_view_that_becomes_an_object(loaded):
    settings = {"image_model": "mini/glide", "quality": "draft", "candidates": 2}
    done = run_on(loaded, replace(SHAP_E, model="mini/three-step", **settings))
    assert_finite(done.results[0])
    assert done.evaluated == {"image": 12, "sample": 4}
    assert done.waits == waits_for_noise(loaded[0], 12 - 1, first=True)
