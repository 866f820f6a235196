# SPDX-License-Identifier: GPL-3.0-or-later
"""Distilled weights of the small Point-E: what a run with them evaluates, and how near it is to the other weights'."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from blender_text3d.engine.mini.files import DISTILLED_POINT_E_WEIGHTS, DRAFT_POINT_E_WEIGHTS
from blender_text3d.engine.point_e.distilled import load_distilled, load_draft
from blender_text3d.engine.point_e.mini import BASE_SIGMAS, UPSAMPLER_SIGMA_MAX, MiniPointE
from blender_text3d.engine.point_e.pipeline import sample_clouds
from blender_text3d.engine.provenance import weights_sha256
from blender_text3d.engine.recipe import NoSuchStep, Recipe
from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.protocol.models import MODELS

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model():
    return MiniPointE.load(CPU)


def recipe(prompt="a red chair", seed=3, steps=4, **changes):
    return Recipe(prompt, "mini/point-e", seed, steps, 1.0, 48, device="cpu", solver="distilled", **changes)


def undistilled(prompt="a red chair"):
    return Recipe(prompt, "mini/point-e", 3, 16, 1.5, 48, device="cpu")


def sampled(model, *recipes):
    """Return (steps that have a noise level, clouds)."""
    steps, running = [], sample_clouds(model, recipes)
    while True:
        try:
            steps.append(next(running)[1])
        except StopIteration as end:
            return [step for step in steps if step.sigma], end.value


def distance(cloud, other):
    """Return the root mean square distance of points with the same index, which are in the same region."""
    return float(np.sqrt(np.square(cloud.points - other.points).sum(1).mean()))


@pytest.mark.parametrize("steps", [2, 4])
def test_a_distilled_run_evaluates_its_networks_once_a_step_and_no_other(model, steps):
    networks = {"base": model.base, "upsampler": model.upsampler}
    for count, networks_of_count in model.distilled.items():
        networks |= {f"base {count}": networks_of_count.base, f"upsampler {count}": networks_of_count.upsampler}
    rows = {network: [] for network in networks.values()}
    hooks = [
        network.register_forward_pre_hook(lambda made, inputs: rows[made].append(len(inputs[0]))) for network in rows
    ]
    states, _ = sampled(model, recipe(steps=steps))
    for hook in hooks:
        hook.remove()
    chosen = model.distilled[steps]
    expected = {chosen.base: [1] * len(BASE_SIGMAS[steps]), chosen.upsampler: [1]}
    assert {network: made for network, made in rows.items() if made} == expected
    assert sum(map(sum, rows.values())) == steps
    assert [step.sigma for step in states] == pytest.approx([*BASE_SIGMAS[steps], UPSAMPLER_SIGMA_MAX])


def test_every_distilled_quality_has_weights_and_noise_levels_for_its_steps(model):
    info = MODELS["mini/point-e"]
    assert {info.qualities[name].steps for name in info.undistilled} == {*BASE_SIGMAS} == {*model.distilled}


def test_a_run_names_the_file_that_it_was_sampled_with(model):
    hashes = [weights_sha256(model, some) for some in (recipe(), recipe(steps=2), undistilled())]
    assert hashes == [model.distilled[4].sha256, model.distilled[2].sha256, model.sha256]
    assert len(set(hashes)) == 3


@pytest.mark.parametrize("prompt", ["a red chair", "a gray cat", "a yellow boat"])
def test_a_distilled_cloud_is_nearer_to_the_undistilled_one_than_to_that_of_another_prompt(model, prompt):
    (_, (own,)), (_, (cloud,)) = sampled(model, undistilled(prompt)), sampled(model, recipe(prompt))
    _, (other,) = sampled(model, recipe("a blue bottle"))
    assert distance(own, cloud) < 0.6 * distance(other, cloud)
    assert np.abs(own.colors - cloud.colors).mean() < 0.5 * np.abs(other.colors - cloud.colors).mean()


def test_a_draft_is_nearer_to_the_standard_cloud_of_its_seed_than_to_that_of_another_seed(model):
    (_, (draft,)), (_, (standard,)) = (sampled(model, recipe(steps=steps)) for steps in (2, 4))
    _, (another,) = sampled(model, recipe(seed=4))
    assert distance(draft, standard) < 0.9 * distance(another, draft)


def test_seeds_of_a_batch_give_the_clouds_that_each_gives_alone(model):
    _, together = sampled(model, recipe(), replace(recipe(), seed=5))
    for cloud, seed in zip(together, (3, 5), strict=True):
        _, (alone,) = sampled(model, replace(recipe(), seed=seed))
        assert np.allclose(cloud.points, alone.points, atol=1e-4)


def test_each_step_of_a_distilled_run_can_be_chosen_and_none_beyond(model):
    states, _ = sampled(model, recipe())
    for number, step in enumerate(states, start=1):
        _, (chosen,) = sampled(model, recipe(step=number))
        assert np.array_equal(chosen.points, step.preview().points)
    with pytest.raises(NoSuchStep):
        sampled(model, recipe(step=5))


@pytest.mark.parametrize(
    "damage",
    [
        lambda tensors: tensors.pop("base.wrapped.pos_emb.scale"),
        lambda tensors: tensors.update({"other.scale": torch.zeros(1)}),
        lambda tensors: tensors.update({"base.wrapped.pos_emb.difference": torch.zeros(1, 2, dtype=torch.int8)}),
    ],
    ids=["missing", "unexpected", "another shape"],
)
def test_a_file_of_other_networks_is_refused_by_name(model, damage, tmp_path):
    tensors = load_file(DISTILLED_POINT_E_WEIGHTS)
    damage(tensors)
    save_file(tensors, tmp_path / "distilled.safetensors")
    with pytest.raises(BrokenWeights, match=r"distilled\.safetensors is missing or corrupt .* Reinstall the add-on\."):
        load_distilled(tmp_path / "distilled.safetensors", model.base, model.upsampler, CPU)


def test_a_file_of_another_draft_is_refused_by_name(model, tmp_path):
    tensors = load_file(DRAFT_POINT_E_WEIGHTS)
    tensors.pop("base.wrapped.output_proj.bias.difference")
    save_file(tensors, tmp_path / "draft.safetensors")
    with pytest.raises(BrokenWeights, match=r"draft\.safetensors is missing or corrupt"):
        load_draft(tmp_path / "draft.safetensors", model.distilled[4], CPU)
