# SPDX-License-Identifier: GPL-3.0-or-later
"""Classifier-free guidance, on a network whose two halves are known numbers."""

import pytest
import torch

from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.schedule import Schedule

CONDITIONAL, UNCONDITIONAL = 0.5, 0.2


def network(x, t, condition):
    """Return 0.5 for a condition of ones and 0.2 for no condition, whatever x is."""
    return torch.full_like(x, UNCONDITIONAL) + (CONDITIONAL - UNCONDITIONAL) * condition[:, :1]


def denoised(guidance, clamp=True, network=network):
    denoise = guided_denoiser(network, Schedule("exp"), "x_start", torch.ones(2, 1), guidance, clamp)
    return denoise(torch.randn(2, 3, generator=torch.Generator().manual_seed(0)), 1.0)


@pytest.mark.parametrize("guidance", [0.0, 1.0, 1.0 + 1e-6])
def test_a_guidance_of_one_is_the_conditional_half(guidance):
    torch.testing.assert_close(denoised(guidance), torch.full((2, 3), CONDITIONAL))


@pytest.mark.parametrize("guidance", [2.0, 3.5])
def test_guidance_multiplies_the_distance_from_the_unconditional_half(guidance):
    distance = denoised(guidance) - UNCONDITIONAL
    torch.testing.assert_close(distance, torch.full((2, 3), guidance * (CONDITIONAL - UNCONDITIONAL)))


def test_without_guidance_the_network_runs_on_the_conditional_half_alone():
    batches = []

    def counted(x, t, condition):
        batches.append((len(x), condition.min().item()))
        return network(x, t, condition)

    denoised(1.0, network=counted)
    denoised(2.0, network=counted)
    assert batches == [(2, 1.0), (4, 0.0)]


def test_the_halves_are_clamped_and_the_guided_sum_is_not():
    def large(x, t, condition):
        return 10 * network(x, t, condition)

    assert denoised(3.0, network=large).unique().tolist() == [1.0]  # both halves are clamped to 1
    assert denoised(3.0, clamp=False, network=large).min() > 1.0

    def signed(x, t, condition):
        return (2 * condition[:, :1] - 1).expand_as(x)  # 1 with the condition, -1 without

    assert denoised(3.0, network=signed).unique().tolist() == [5.0]
