# SPDX-License-Identifier: GPL-3.0-or-later
"""Distilled weights: how they are stored, and what a run with them evaluates."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from blender_text3d.engine.diffusion.schedule import DISTILLED_NOISE, DISTILLED_SIGMAS
from blender_text3d.engine.mini.files import DISTILLED_SHAP_E_WEIGHTS
from blender_text3d.engine.recipe import Recipe
from blender_text3d.engine.shap_e.configs import MINI_PRIOR
from blender_text3d.engine.shap_e.distilled import load_distilled
from blender_text3d.engine.shap_e.mini import MiniShapE
from blender_text3d.engine.shap_e.pipeline import sample_latents
from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.loading.updates import compressed_difference, restored
from blender_text3d.protocol.models import MODELS

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model():
    return MiniShapE.load(CPU)


def recipe(solver="distilled", grid=32, steps=4):
    return Recipe("a red chair", "mini/shap-e", 3, steps, 1.0, grid, device="cpu", solver=solver)


def sampled(model, recipes):
    steps = sample_latents(model, recipes)
    sigmas = []
    while True:
        try:
            _, step = next(steps)
            sigmas.append(step.sigma)
        except StopIteration as end:
            return [sigma for sigma in sigmas if sigma], end.value


def test_a_stored_difference_is_restored_to_half_a_step_of_its_row():
    base = {"weight": torch.randn(5, 7), "bias": torch.randn(5)}
    distilled = {name: tensor + 0.01 * torch.randn_like(tensor) for name, tensor in base.items()}
    stored = compressed_difference(distilled, base)
    for name, tensor in base.items():
        error = (restored(stored, name, tensor) - distilled[name]).abs()
        assert (error <= 0.501 * stored[f"{name}.scale"]).all()
        assert stored[f"{name}.difference"].dtype == torch.int8


def test_weights_that_did_not_change_are_restored_exactly():
    base = {"weight": torch.randn(3, 4)}
    assert torch.equal(restored(compressed_difference(base, base), "weight", base["weight"]), base["weight"])


@pytest.mark.parametrize(
    "damage",
    [
        lambda tensors: tensors.pop("wrapped.pos_emb.scale"),
        lambda tensors: tensors.update({"other.scale": torch.zeros(1)}),
        lambda tensors: tensors.update({"wrapped.pos_emb.difference": torch.zeros(1, 2, dtype=torch.int8)}),
    ],
    ids=["missing", "unexpected", "another shape"],
)
def test_a_file_of_another_network_is_refused_by_name(model, damage, tmp_path):
    tensors = load_file(DISTILLED_SHAP_E_WEIGHTS)
    damage(tensors)
    save_file(tensors, tmp_path / "distilled.safetensors")
    with pytest.raises(BrokenWeights, match=r"distilled\.safetensors is missing or corrupt .* Reinstall the add-on\."):
        load_distilled(tmp_path / "distilled.safetensors", MINI_PRIOR, dict(model.prior.state_dict()), CPU)


@pytest.mark.parametrize("content", [None, b"", b"\x08\0\0\0\0\0\0\0{}"])
def test_a_damaged_file_is_refused(model, content, tmp_path):
    path: Path = tmp_path / "distilled.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BrokenWeights, match="is missing or corrupt"):
        load_distilled(path, MINI_PRIOR, dict(model.prior.state_dict()), CPU)


@pytest.mark.parametrize("steps", [2, 4])
def test_a_distilled_run_evaluates_the_network_for_its_steps_once_a_step_and_no_other(model, steps):
    rows = {"prior": [], 2: [], 4: []}
    networks = {"prior": model.prior} | {count: prior.network for count, prior in model.distilled.items()}
    hooks = [
        network.register_forward_pre_hook(lambda _, inputs, name=name: rows[name].append(len(inputs[0])))
        for name, network in networks.items()
    ]
    sigmas, latents = sampled(model, [recipe(steps=steps)])
    for hook in hooks:
        hook.remove()
    assert rows == {"prior": [], 2: [], 4: []} | {steps: [1] * steps}
    assert sigmas == pytest.approx(DISTILLED_SIGMAS[steps])
    assert latents.abs().max() <= 1


def test_a_distilled_run_begins_with_the_noise_that_it_was_trained_with_and_others_with_standard_normal_noise(model):
    seen = []
    networks = [model.prior, model.distilled[4].network]
    hooks = [network.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0][0])) for network in networks]
    sampled(model, [recipe()])
    sampled(model, [recipe(solver="dpm++2m")])
    for hook in hooks:
        hook.remove()
    noise = torch.randn(1, 2048, generator=torch.Generator().manual_seed(3))[0]
    torch.testing.assert_close(seen[0], DISTILLED_NOISE * noise, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(seen[4], noise, rtol=1e-3, atol=1e-3)


def test_every_distilled_quality_has_weights_and_noise_levels_for_its_steps(model):
    info = MODELS["mini/shap-e"]
    steps = {info.qualities[name].steps for name in info.undistilled}
    assert steps == {*DISTILLED_SIGMAS} == {*model.distilled}


def test_a_draft_is_far_nearer_to_the_standard_object_of_its_seed_than_that_of_another_seed(model):
    draft, standard = (sampled(model, [recipe(steps=steps)])[1] for steps in (2, 4))
    another = sampled(model, [replace(recipe(), seed=4)])[1]
    assert (draft - standard).norm() < 0.5 * (another - standard).norm()


def test_a_distilled_latent_is_far_nearer_to_the_undistilled_one_than_to_that_of_another_prompt(model):
    _, distilled = sampled(model, [recipe()])
    own, other = (
        sampled(model, [Recipe(prompt, "mini/shap-e", 3, 20, 2.5, 32, device="cpu")])[1]
        for prompt in ("a red chair", "a blue car")
    )
    assert (distilled - own).norm() < 0.4 * (distilled - other).norm()
