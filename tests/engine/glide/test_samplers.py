# SPDX-License-Identifier: GPL-3.0-or-later
"""GLIDE's samplers on pictures of which the exact noise is known."""

import math

import pytest
import torch

from blender_text3d.engine.glide.respacing import RespacedSchedule
from blender_text3d.engine.glide.samplers import ddim, ddpm, few_timesteps, multistep, noise_level
from blender_text3d.engine.glide.steps import guided

COSINE, LINEAR = RespacedSchedule("squaredcos_cap_v2"), RespacedSchedule("linear")
SPREAD = 0.3


def normal_pictures(schedule):
    """The ideal network if pictures are normal around 0.1 with the spread SPREAD: its ODE has a known solution."""
    alphas = dict(zip(schedule.timesteps, schedule.alphas_cumprod.tolist(), strict=True))

    def predict(x, timestep):
        alpha = alphas[timestep]
        variance = alpha * SPREAD**2 + 1 - alpha
        epsilon = math.sqrt(1 - alpha) * (x - math.sqrt(alpha) * 0.1) / variance
        return torch.cat([epsilon, torch.zeros_like(x)], dim=1)

    return predict


def noise_of(seed):
    return torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("schedule", "sigma_max"), [(COSINE, 120.0), (LINEAR, 80.0)])
@pytest.mark.parametrize(("steps", "tolerance"), [(10, 0.15), (25, 0.05), (100, 0.01)])
def test_few_steps_end_near_the_solution_of_the_equation(schedule, sigma_max, steps, tolerance):
    states = list(multistep(normal_pictures(schedule), noise_of(1), schedule, steps, sigma_max))
    assert torch.allclose(states[-1].x, 0.1 + SPREAD * noise_of(1), atol=tolerance)
    assert (states[-1].index + 1, states[-1].total) == (len(states), len(states))


def test_ddim_without_fresh_noise_ends_at_the_solution_and_draws_at_each_step():
    schedule, drawn = RespacedSchedule("linear", "100"), []
    states = list(ddim(normal_pictures(schedule), noise_of(1), schedule, lambda x: drawn.append(x) or x))
    assert torch.allclose(states[-1].x, 0.1 + SPREAD * noise_of(1), atol=0.05)
    assert len(drawn) == len(states) == 100


def test_ddpm_ends_with_pictures_of_the_right_distribution():
    schedule, generator = RespacedSchedule("squaredcos_cap_v2", "100"), torch.Generator().manual_seed(0)
    start = torch.randn(64, 3, 8, 8, generator=generator)
    noise = lambda like: torch.randn(like.shape, generator=generator)  # noqa: E731
    end = list(ddpm(normal_pictures(schedule), start, schedule, noise))[-1].x
    assert end.mean().item() == pytest.approx(0.1, abs=0.02)
    assert end.std().item() == pytest.approx(SPREAD, rel=0.1)


def test_estimates_are_clamped_unless_asked_otherwise():
    schedule = RespacedSchedule("linear", "4")
    far = lambda x, timestep: torch.full((2, 6, 4, 4), 50.0)  # noqa: E731
    clamped, free = (
        [state.denoised.abs().max() for state in ddpm(far, noise_of(1), schedule, noise_of_like, clamp)]
        for clamp in (True, False)
    )
    assert max(clamped) == 1
    assert max(free) > 1


def noise_of_like(x):
    return torch.zeros_like(x)


def test_few_timesteps_ascend_from_almost_no_noise_to_the_largest_wanted():
    timesteps = few_timesteps(COSINE, 25, 120.0)
    assert timesteps == sorted(set(timesteps))
    assert 24 <= len(timesteps) <= 25
    assert noise_level(COSINE, timesteps[0]) < 0.02
    assert noise_level(COSINE, timesteps[-1]) == pytest.approx(120, rel=0.2)


def test_guidance_changes_the_noise_and_leaves_each_halfs_variance():
    output = torch.arange(12.0).view(2, 6, 1, 1)
    conditional, unconditional = output[:1, :3], output[1:, :3]
    result = guided(output, 3.0)
    assert torch.equal(result[:1, :3], unconditional + 3 * (conditional - unconditional))
    assert torch.equal(result[1:, :3], result[:1, :3])
    assert torch.equal(result[:, 3:], output[:, 3:])
