# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models that ship: their files, and the engine's results with them."""

from functools import cache

import numpy as np
import pytest
from safetensors import safe_open

from blender_text3d.engine.generate import Engine, Recipe, Step
from blender_text3d.engine.mini.files import FOLDER, POINT_E_WEIGHTS, SHAP_E_WEIGHTS
from blender_text3d.engine.weights.loading.load_tensors import BrokenWeights, load_float32
from blender_text3d.geometry.mesh_parts import is_watertight

STAGES = {
    "mini/shap-e": ("load", "sample", "mesh"),
    "mini/point-e": ("load", "read", "points", "upsample", "mesh"),
}
"""Both models and their stages."""
PROMPTS = {"a red apple": (1, 0, 0), "a green bottle": (0, 1, 0), "a blue bed": (0, 0, 1)}


both = pytest.mark.parametrize("model", STAGES)


def recipe(prompt, **changes):
    return Recipe(
        **{"prompt": prompt, "model": "mini/shap-e", "seed": 4, "steps": 12, "guidance": 1.5, "grid": 64} | changes
    )


@cache
def run(engine, *arguments, **changes):
    """(steps, result) of a recipe; several tests look at the same ones."""
    steps, generator = [], engine.generate(recipe(*arguments, **changes))
    while True:
        try:
            steps.append(next(generator))
        except StopIteration as end:
            return steps, end.value


@pytest.fixture(scope="module")
def engine():
    yield Engine()
    run.cache_clear()


def test_the_shipped_files_have_at_most_26_megabytes():
    assert sum(file.stat().st_size for file in FOLDER.iterdir() if file.is_file()) <= 26e6


def precisions(weights):
    """The data types of a weights file: of vectors and of larger tensors, by the name of their network."""
    with safe_open(weights, "pt") as file:
        found = {name: file.get_slice(name) for name in list(file.keys())}
    kinds = {}
    for name, tensor in found.items():
        is_matrix = len(tensor.get_shape()) > 1
        kind = "scales" if name.endswith(".scale") else "matrices" if is_matrix else "vectors"
        kinds.setdefault((name.partition(".")[0], kind), set()).add(tensor.get_dtype())
    return kinds


def test_the_weights_are_half_precision_on_disk_and_the_matrices_of_point_e_and_the_prior_have_8_bits():
    eight_bits = {"matrices": {"I8"}, "vectors": {"F16"}, "scales": {"F32"}}
    networks = "base", "upsampler", "sdf"
    assert precisions(POINT_E_WEIGHTS) == {(name, kind): eight_bits[kind] for name in networks for kind in eight_bits}
    halves = {(network, kind): {"F16"} for network in ("encoder", "decoder") for kind in ("matrices", "vectors")}
    prior = {("prior", "matrices"): {"I8"}, ("prior", "vectors"): {"F16"}, ("prior", "scales"): {"F32"}}
    assert precisions(SHAP_E_WEIGHTS) == halves | prior


@both
@pytest.mark.parametrize("prompt", PROMPTS)
def test_an_object_is_one_closed_solid_in_the_requested_color(engine, prompt, model):
    _, result = run(engine, prompt, model=model)
    assert is_watertight(result.mesh.faces)
    main = result.mesh.colors.mean(axis=0)
    assert main.argmax() == np.argmax(PROMPTS[prompt])


@both
def test_the_stages_count_to_their_ends_with_falling_noise_and_previews(engine, model):
    steps, _ = run(engine, "a red chair", model=model)
    assert [step.stage for step in steps] == sorted((s.stage for s in steps), key=STAGES[model].index)
    assert tuple(dict.fromkeys(step.stage for step in steps)) == STAGES[model]
    for stage in STAGES[model]:
        sampled = [step for step in steps if step.stage == stage and step.sigma is not None]
        assert [step.index for step in sampled] == list(range(1, 1 + sampled[0].total if sampled else 1))
        assert [step.sigma for step in sampled] == sorted((s.sigma for s in sampled), reverse=True)
    first = [step for step in steps if step.stage == STAGES[model][-2 if model == "mini/shap-e" else 2] and step.sigma]
    assert first[0].total == 12
    assert sum(step.preview is not None for step in first) >= 3


def test_the_same_seed_gives_the_same_bits_and_another_seed_another_object(engine):
    one, two, other = (run.__wrapped__(engine, "a white vase", seed=seed)[1] for seed in (4, 4, 5))
    assert np.array_equal(one.mesh.vertices, two.mesh.vertices)
    assert np.array_equal(one.latent, two.latent)
    assert np.abs(one.latent - other.latent).mean() > 0.01


def test_the_official_solver_and_the_fast_one_make_nearly_the_same_object(engine):
    exact, fast = (run(engine, "a red apple", solver=s, steps=n)[1] for s, n in (("heun", 32), ("dpm++2m", 32)))
    assert np.abs(exact.latent - fast.latent).mean() < 0.05 < np.abs(fast.latent).mean()


@both
def test_a_finer_grid_gives_the_same_object_with_more_faces(engine, model):
    coarse, fine = (run(engine, "a red apple", model=model, grid=grid)[1].mesh for grid in (48, 96))
    assert len(fine.faces) > 3 * len(coarse.faces)
    assert np.abs(np.ptp(fine.vertices, axis=0) - np.ptp(coarse.vertices, axis=0)).max() < 0.06


@both
def test_an_unknown_word_gives_a_notice_and_does_not_stop_the_run(engine, model):
    steps, result = run(engine, "a red zorg chair", model=model)
    (notice,) = [step.notice for step in steps if step.notice]
    assert "Unknown words: zorg" in notice
    assert len(result.mesh.faces) > 100


@both
@pytest.mark.parametrize("outputs", ["mesh", "cloud", "both"])
def test_only_the_requested_outputs_are_returned(engine, outputs, model):
    steps, result = run(engine, "a red apple", model=model, outputs=outputs)
    assert (result.mesh is not None, result.cloud is not None) == (outputs != "cloud", outputs != "mesh")
    assert model == "mini/shap-e" or any(step.stage == "mesh" for step in steps) == (outputs != "cloud")


def test_the_points_of_a_cloud_are_on_the_mesh_in_its_color(engine):
    _, result = run(engine, "a red apple", outputs="both")
    low, high = result.mesh.vertices.min(axis=0), result.mesh.vertices.max(axis=0)
    assert (result.cloud.points >= low - 1e-4).all()
    assert (result.cloud.points <= high + 1e-4).all()
    assert np.abs(result.cloud.colors.mean(axis=0) - result.mesh.colors.mean(axis=0)).max() < 0.08


def test_a_point_e_mesh_encloses_its_cloud_in_its_colors(engine):
    _, result = run(engine, "a red apple", model="mini/point-e", outputs="both")
    assert np.abs(np.ptp(result.mesh.vertices, axis=0) - np.ptp(result.cloud.points, axis=0)).max() < 0.3
    assert np.abs(result.cloud.colors.mean(axis=0) - result.mesh.colors.mean(axis=0)).max() < 0.1


@both
def test_closing_the_generator_stops_a_run(engine, model):
    generator = engine.generate(recipe("a red chair", model=model))
    assert isinstance(next(generator), Step)
    generator.close()
    with pytest.raises(StopIteration):
        next(generator)


@both
def test_a_model_is_loaded_once(engine, model):
    assert engine.load(model, "cpu") is engine.load(model, "cpu")


def test_a_corrupt_weights_file_is_named_with_advice(tmp_path):
    (tmp_path / "half.safetensors").write_bytes(SHAP_E_WEIGHTS.read_bytes()[:1000])
    with pytest.raises(BrokenWeights, match="half.safetensors is missing or corrupt.*Reinstall the add-on"):
        load_float32(tmp_path / "half.safetensors")
