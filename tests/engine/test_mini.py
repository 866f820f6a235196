# SPDX-License-Identifier: GPL-3.0-or-later
"""The small model that ships: its files, and what comes out of the engine's door with it."""

import numpy as np
import pytest
from safetensors import safe_open

from blender_text3d.engine.generate import Engine, Recipe, Step
from blender_text3d.engine.mini.files import FOLDER, SHAP_E_WEIGHTS
from blender_text3d.engine.surface.clean import is_watertight
from blender_text3d.engine.weights.load import BrokenWeights, tensors_of

PROMPTS = {"a red apple": (1, 0, 0), "a green bottle": (0, 1, 0), "a blue bed": (0, 0, 1)}


def recipe(prompt, **changes):
    return Recipe(
        **{"prompt": prompt, "model": "mini/shap-e", "seed": 4, "steps": 12, "guidance": 1.5, "grid": 64} | changes
    )


def run(engine, *arguments, **changes):
    """(steps, result) of a recipe."""
    steps, generator = [], engine.generate(recipe(*arguments, **changes))
    while True:
        try:
            steps.append(next(generator))
        except StopIteration as end:
            return steps, end.value


@pytest.fixture(scope="module")
def engine():
    return Engine()


def test_all_that_ships_is_at_most_twenty_megabytes():
    assert sum(file.stat().st_size for file in FOLDER.iterdir() if file.is_file()) <= 20e6


def test_the_weights_are_half_precision_on_disk():
    with safe_open(SHAP_E_WEIGHTS, "pt") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F16"}  # noqa: SIM118, not a dict


@pytest.mark.parametrize("prompt", PROMPTS)
def test_an_object_is_one_closed_solid_of_the_colour_asked_for(engine, prompt):
    _, result = run(engine, prompt)
    assert is_watertight(result.mesh.faces)
    main = result.mesh.colors.mean(axis=0)
    assert main.argmax() == np.argmax(PROMPTS[prompt])


def test_the_stages_count_to_their_ends_with_falling_noise_and_forming_geometry(engine):
    steps, _ = run(engine, "a red chair")
    assert [step.stage for step in steps] == sorted((s.stage for s in steps), key=["load", "sample", "mesh"].index)
    sampled = [step for step in steps if step.sigma is not None]
    assert [step.index for step in sampled] == list(range(1, 13))
    assert [step.sigma for step in sampled] == sorted((s.sigma for s in sampled), reverse=True)
    assert sum(step.geometry is not None for step in sampled) >= 3


def test_the_same_seed_gives_the_same_bits_and_another_seed_another_object(engine):
    one, two, other = (run(engine, "a white vase", seed=seed)[1] for seed in (4, 4, 5))
    assert np.array_equal(one.mesh.vertices, two.mesh.vertices) and np.array_equal(one.latent, two.latent)
    assert np.abs(one.latent - other.latent).mean() > 0.01


def test_the_official_solver_and_the_fast_one_make_nearly_the_same_object(engine):
    exact, fast = (run(engine, "a red apple", solver=s, steps=n)[1] for s, n in (("heun", 32), ("dpm++2m", 32)))
    assert np.abs(exact.latent - fast.latent).mean() < 0.05 < np.abs(fast.latent).mean()


def test_a_finer_grid_gives_the_same_object_with_more_faces(engine):
    coarse, fine = (run(engine, "a red apple", grid=grid)[1].mesh for grid in (48, 96))
    assert len(fine.faces) > 3 * len(coarse.faces)
    assert np.abs(np.ptp(fine.vertices, axis=0) - np.ptp(coarse.vertices, axis=0)).max() < 0.06


def test_an_unknown_word_is_told_and_does_not_stop_the_run(engine):
    steps, result = run(engine, "a red zorg chair")
    (notice,) = [step.notice for step in steps if step.notice]
    assert "'zorg' is not among them" in notice
    assert len(result.mesh.faces) > 100


@pytest.mark.parametrize("outputs", ["mesh", "cloud", "both"])
def test_what_is_asked_for_is_returned_and_nothing_else(engine, outputs):
    _, result = run(engine, "a red apple", outputs=outputs)
    assert (result.mesh is not None, result.cloud is not None) == (outputs != "cloud", outputs != "mesh")


def test_the_points_of_a_cloud_lie_on_the_mesh_and_wear_its_colour(engine):
    _, result = run(engine, "a red apple", outputs="both")
    low, high = result.mesh.vertices.min(axis=0), result.mesh.vertices.max(axis=0)
    assert (result.cloud.points >= low - 1e-4).all() and (result.cloud.points <= high + 1e-4).all()
    assert np.abs(result.cloud.colors.mean(axis=0) - result.mesh.colors.mean(axis=0)).max() < 0.08


def test_a_run_that_nobody_pulls_on_stops(engine):
    generator = engine.generate(recipe("a red chair"))
    assert isinstance(next(generator), Step)
    generator.close()
    with pytest.raises(StopIteration):
        next(generator)


def test_a_model_is_loaded_once(engine):
    assert engine.load("mini/shap-e", "cpu") is engine.load("mini/shap-e", "cpu")


def test_a_damaged_weights_file_is_named_with_what_to_do(tmp_path):
    (tmp_path / "half.safetensors").write_bytes(SHAP_E_WEIGHTS.read_bytes()[:1000])
    with pytest.raises(BrokenWeights, match="half.safetensors is missing or damaged.*Install the add-on again"):
        tensors_of(tmp_path / "half.safetensors")
