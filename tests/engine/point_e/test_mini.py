# SPDX-License-Identifier: GPL-3.0-or-later
"""The small Point-E that ships: its file, and what its three networks make of a prompt."""

import numpy as np
import pytest
import torch
from safetensors import safe_open

from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.schedule import Schedule, karras_sigmas
from blender_text3d.engine.diffusion.solvers import dpm_solver_2m
from blender_text3d.engine.mini.files import POINT_E_WEIGHTS
from blender_text3d.engine.point_e.grouped import grouped, ungrouped
from blender_text3d.engine.point_e.mini import BASE_POINTS, CHANNEL_BIASES, CHANNEL_SCALES, NEW_POINTS, MiniPointE

PROMPTS = {"a red apple": (1, 0, 0), "a green bottle": (0, 1, 0), "a blue bed": (0, 0, 1)}
SCALES, BIASES = (torch.tensor(values)[:, None] for values in (CHANNEL_SCALES, CHANNEL_BIASES))


@pytest.fixture(scope="module")
def model():
    return MiniPointE.load(torch.device("cpu"))


def sampled(denoise, x, sigmas):
    for state in dpm_solver_2m(denoise, x, sigmas):
        x = state.x
    return ((x - BIASES) / SCALES).float()


def coarse_of(model, prompt, seed):
    """[1, 6, BASE_POINTS] in model space and RGB 0..255."""
    condition = model.condition(model.vocabulary.read_prompt(prompt))
    denoise = guided_denoiser(model.base, Schedule("cosine"), "x_start", condition, 1.5)
    noise = torch.randn(1, 6, BASE_POINTS, generator=torch.Generator().manual_seed(seed))
    return sampled(denoise, noise * 120, karras_sigmas(16, 1e-2, 120))


def fine_of(model, prompt, coarse):
    """[1, 6, NEW_POINTS] in model space and RGB 0..255."""
    conditions = model.condition(model.vocabulary.read_prompt(prompt)), coarse
    denoise = guided_denoiser(model.upsampler, Schedule("linear"), "epsilon", conditions, 1.0)
    start = (coarse * SCALES + BIASES).repeat_interleave(NEW_POINTS // BASE_POINTS, dim=2)
    noise = torch.randn(start.shape, generator=torch.Generator().manual_seed(0))
    return sampled(denoise, start + 0.08 * noise, karras_sigmas(4, 1e-2, 0.08))


def test_the_file_is_half_precision_and_at_most_ten_mebibytes():
    assert POINT_E_WEIGHTS.stat().st_size <= 10 * 2**20
    with safe_open(POINT_E_WEIGHTS, "pt") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F16"}  # noqa: SIM118, not a dict


def test_points_put_into_groups_come_out_in_their_old_order():
    x = torch.randn(2, 6, 24)
    assert torch.equal(ungrouped(grouped(x, 8), 8), x)
    assert torch.equal(grouped(x, 8)[0, :8, 1], x[0, 0, 8:16])


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_coarse_cloud_fills_the_cube_in_the_colour_asked_for(model, prompt):
    cloud = coarse_of(model, prompt, seed=3)[0]
    assert cloud[:3].abs().max() <= 1.1
    assert 1.3 < np.ptp(cloud[:3].numpy(), axis=1).max() < 2.1
    assert cloud[3:].mean(1).argmax() == np.argmax(PROMPTS[prompt])


def test_another_seed_gives_another_cloud_and_the_same_seed_the_same(model):
    one, two, other = (coarse_of(model, "a white vase", seed) for seed in (4, 4, 5))
    assert torch.equal(one, two)
    assert (one - other)[:, :3].abs().mean() > 0.01


def test_fine_points_stay_near_their_coarse_ones_and_apart_from_each_other(model):
    coarse = coarse_of(model, "a red apple", seed=3)
    fine = fine_of(model, "a red apple", coarse)[0, :3].T
    to_coarse = torch.cdist(fine, coarse[0, :3].T).min(dim=1).values
    assert to_coarse.mean() < 0.1 < 0.4 > to_coarse.max()
    assert len(torch.unique((fine / 0.01).round(), dim=0)) > 0.9 * NEW_POINTS


def test_the_middle_of_an_apple_is_inside_and_the_corners_of_the_cube_are_outside(model):
    coarse = coarse_of(model, "a red apple", seed=3)
    fine = fine_of(model, "a red apple", coarse)[:, :3]
    corners = torch.tensor([[x, y, z] for x in (-0.95, 0.95) for y in (-0.95, 0.95) for z in (-0.95, 0.95)])
    queries = torch.cat([fine.mean(dim=2), corners])
    with torch.inference_mode():
        distances = model.sdf(fine[..., ::2], queries.T[None])[0]
    assert distances[0] > 0 > distances[1:].max()


def test_a_prompt_of_unknown_words_alone_is_the_unconditional_one(model):
    condition = model.condition(model.vocabulary.read_prompt("zorg"))
    assert condition.shape == (1, 128) and not condition.any()
    assert model.condition(model.vocabulary.read_prompt("a chair")).norm().item() == pytest.approx(1.0, abs=1e-4)
