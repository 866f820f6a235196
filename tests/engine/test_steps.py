# SPDX-License-Identifier: GPL-3.0-or-later
"""The kept steps of a run, and the object of one of them, through the engine's interface."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from blender_text3d.engine.diffusion.solvers import SolverState
from blender_text3d.engine.generate import Engine, Recipe, validated
from blender_text3d.engine.point_e.saved_clouds import WrongSteps
from blender_text3d.engine.recipe import NoSuchStep
from blender_text3d.engine.shap_e.saved_latent import WrongLatent, save_latent
from blender_text3d.engine.shap_e.saved_steps import load_step, save_steps
from blender_text3d.engine.shap_e.step_latents import StepLatents
from blender_text3d.geometry import Mesh
from blender_text3d.geometry.step_geometry import save_step_geometry
from tests.engine.weights.run_steps import run_steps

STEPS = 6
SHAP_E = Recipe("a red chair", "mini/shap-e", 3, STEPS, 1.5, grid=32, device="cpu", keep_steps=True)
POINT_E = replace(SHAP_E, model="mini/point-e", outputs="both")


@pytest.fixture(scope="module")
def engine():
    return Engine()


@pytest.fixture(scope="module")
def shap_e(engine):
    return run_steps(engine.generate(SHAP_E))[1]


@pytest.fixture(scope="module")
def point_e(engine):
    return run_steps(engine.generate(POINT_E))[1]


@pytest.fixture(scope="module")
def latents_file(shap_e, tmp_path_factory):
    path = tmp_path_factory.mktemp("job") / "steps.npz"
    save_steps(path, shap_e.step_latents, shap_e.weights_sha256)
    return path


def made_by(engine, recipe):
    return run_steps(engine.generate(recipe))


def test_every_step_is_kept_in_4_kilobytes_and_the_last_one_is_the_object(shap_e, latents_file):
    assert shap_e.step_latents.shape == (STEPS, 2048)
    assert latents_file.stat().st_size < STEPS * 4_096 + 2_000
    assert np.abs(shap_e.step_latents[-1] - shap_e.latent).max() < 1e-3
    assert np.abs(shap_e.step_latents[1] - shap_e.latent).max() > 0.05


def test_no_steps_are_kept_unless_they_are_wanted(engine):
    assert made_by(engine, replace(SHAP_E, keep_steps=False))[1].step_latents is None
    assert made_by(engine, replace(POINT_E, keep_steps=False, outputs="cloud"))[1].step_geometry == ()


def test_a_kept_step_gives_the_same_object_as_a_run_that_is_asked_for_it_and_another_one_than_the_last(
    engine, shap_e, latents_file
):
    sampled = made_by(engine, replace(SHAP_E, step=4))[1]
    steps, decoded = made_by(engine, replace(SHAP_E, latent=latents_file, step=4))
    assert not any(step.stage == "sample" for step in steps)
    assert np.array_equal(sampled.mesh.vertices, decoded.mesh.vertices)
    assert sampled.mesh.vertices.shape != shap_e.mesh.vertices.shape
    assert np.array_equal(sampled.step_latents, shap_e.step_latents)


def test_all_steps_are_decoded_in_one_run_without_an_object(engine, latents_file):
    steps, result = made_by(engine, replace(SHAP_E, latent=latents_file, outputs="steps", grid=32))
    assert [step.index for step in steps if step.stage == "steps"] == list(range(STEPS + 1))
    assert len(result.step_geometry) == STEPS
    assert len(result.step_geometry[-1].faces) > 500
    assert (result.mesh, result.cloud, result.latent) == (None, None, None)


def test_a_step_that_does_not_exist_is_refused_before_anything_is_sampled(engine, latents_file):
    for recipe in (SHAP_E, POINT_E, replace(SHAP_E, latent=latents_file)):
        running, seen = engine.generate(replace(recipe, step=900)), []
        with pytest.raises(NoSuchStep, match=r"has \d+ steps, so there is no step 900"):
            seen.extend(step.stage for step in running if step.index)
        assert not {"points", "sample", "mesh"} & set(seen)


def test_a_step_without_a_surface_says_so(shap_e):
    mesh = Mesh(shap_e.mesh.vertices[:0], shap_e.mesh.faces[:0], shap_e.mesh.colors[:0])
    with pytest.raises(NoSuchStep, match="Step 2 has no surface yet. Choose a later step"):
        validated(replace(shap_e, mesh=mesh), replace(SHAP_E, step=2))


def test_each_recipe_of_a_batch_gets_its_own_step(engine):
    recipes = [replace(SHAP_E, step=4), replace(SHAP_E, seed=8, keep_steps=False)]
    first, second = run_steps(engine.generate_batch(recipes))[1]
    assert np.allclose(first.latent, first.step_latents[3], atol=1e-6)
    assert second.step_latents is None
    assert np.abs(second.latent - first.step_latents[-1]).max() > 0.05


def test_a_run_that_replaces_a_diverged_one_drops_its_steps():
    kept = StepLatents([SHAP_E])
    for run, total in ((1.0, 3), (2.0, 2)):
        for index in range(total):
            value = torch.full((1, 4), run)
            kept.add(SolverState(index, total, 1.0, value, value, value))
    assert kept.of(0).tolist() == [[2.0] * 4] * 2


def test_point_e_keeps_a_cloud_for_each_step_of_both_stages(engine, point_e, tmp_path):
    assert [len(cloud.points) for cloud in point_e.step_geometry] == [256] * STEPS + [1024] * 4
    assert np.array_equal(point_e.step_geometry[-1].points, point_e.cloud.points)
    save_step_geometry(tmp_path / "steps.npz", point_e.step_geometry)
    recipe = replace(POINT_E, latent=tmp_path / "steps.npz", step=STEPS + 2)
    steps, result = made_by(engine, recipe)
    assert not any(step.stage == "points" for step in steps)
    assert len(result.mesh.faces) > 100
    sampled = made_by(engine, replace(POINT_E, step=STEPS + 2, outputs="cloud"))[1]
    assert np.abs(result.cloud.points - sampled.cloud.points).max() < 1e-4


def test_steps_of_another_version_or_model_and_damaged_ones_are_refused_in_a_sentence(tmp_path, shap_e):
    path = tmp_path / "steps.npz"
    for content, message in (
        ({"version": np.int32(2), "latents": shap_e.step_latents}, "steps.npz was written by another version"),
        ({"version": np.int32(1), "latents": shap_e.step_latents[:, :9]}, "contains 6 x 9 numbers, not steps of 2048"),
        ({"version": np.int32(1), "latents": shap_e.latent}, "contains 2048 numbers"),
        ({"version": np.int32(1), "latents": shap_e.step_latents[:0]}, "contains 0 x 2048 numbers"),
        ({"other": np.zeros(3)}, "contains no steps"),
    ):
        np.savez(path, **content)
        with pytest.raises(WrongLatent, match=message):
            load_step(path, 2048, 1)
    save_latent(path, shap_e.latent)
    with pytest.raises(WrongLatent, match="contains no steps"):
        load_step(path, 2048, 1)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(WrongLatent, match="contains no steps"):
        load_step(path, 2048, 1)
    with pytest.raises(WrongLatent, match="cannot be read"):
        load_step(tmp_path / "gone.npz", 2048, 1)


def test_one_kept_step_may_be_damaged_without_the_others(tmp_path, shap_e):
    latents = shap_e.step_latents.copy()
    latents[1, 7] = np.nan
    save_steps(tmp_path / "steps.npz", latents)
    with pytest.raises(NoSuchStep, match="Step 2 of steps.npz is not finite"):
        load_step(tmp_path / "steps.npz", 2048, 2)
    assert load_step(tmp_path / "steps.npz", 2048, 0).values.dtype == np.float32


def test_latents_are_no_clouds(engine, latents_file):
    with pytest.raises(WrongSteps, match="contains no steps of a job"):
        made_by(engine, replace(POINT_E, latent=latents_file, step=1))
