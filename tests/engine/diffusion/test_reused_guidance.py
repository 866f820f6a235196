# SPDX-License-Identifier: GPL-3.0-or-later
"""Guidance reused between steps: what the network is asked, and where the run ends."""

import pytest
import torch

from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.noise import Noise
from blender_text3d.engine.diffusion.schedule import Schedule, karras_sigmas
from blender_text3d.engine.diffusion.solver_registry import OFFICIAL_STEPS, solve
from blender_text3d.engine.diffusion.solvers import dpm_solver_2m
from blender_text3d.protocol.models import MODELS

SAMPLES, SIZE, GUIDANCE = 2, 5, 4.0


class Network:
    """A network whose halves are known functions of x, and which counts the batches that it gets."""

    def __init__(self, difference=lambda x: 0.05 * torch.ones_like(x)):
        self.difference, self.batches = difference, []

    def __call__(self, x, t, condition):
        self.batches.append(len(x))
        return 0.3 * torch.tanh(x) + condition[:, :1] * self.difference(x)

    @property
    def counts(self):
        """Return the number of evaluations of both halves, and of the conditional one alone."""
        return self.batches.count(2 * SAMPLES), self.batches.count(SAMPLES)


def ended(network, every, steps=9, solver="dpm++2m", guidance=GUIDANCE):
    """Return the end of a run."""
    denoise = guided_denoiser(network, Schedule("exp"), "x_start", torch.ones(SAMPLES, 1), guidance)
    sigmas, noise = karras_sigmas(steps, 1e-3, 160.0), Noise(range(SAMPLES))
    states = solve(solver, denoise, noise.draw([SIZE]) * 160.0, sigmas, noise=noise, guidance_every=every)
    *_, last = states
    return last.x


@pytest.mark.parametrize(
    ("model", "quality", "both", "conditional"),
    [
        ("shap-e/text300M", "draft", 8, 2),
        ("shap-e/text300M", "standard", 12, 4),
        ("shap-e/text300M", "exact", 127, 0),
        ("shap-e/image300M", "standard", 12, 4),
        ("point-e/base40M-textvec", "draft", 12, 4),
        ("point-e/base40M-textvec", "standard", 19, 6),
        ("point-e/base40M-textvec", "exact", 127, 0),
    ],
)
def test_each_quality_evaluates_the_halves_exactly_so_often(model, quality, both, conditional):
    sampling, network = MODELS[model].qualities[quality], Network()
    solver = "heun" if quality == "exact" else "dpm++2m"
    ended(network, sampling.guidance_every, sampling.steps, solver)
    assert network.counts == (both, conditional)


@pytest.mark.parametrize(("every", "batches"), [(2, [4, 4, 2, 4, 2, 4, 4, 4, 4]), (3, [4, 2, 4, 2, 2, 4, 4, 4, 4])])
def test_every_nth_of_the_first_steps_and_all_of_the_second_half_evaluate_both_halves(every, batches):
    network = Network()
    ended(network, every)
    assert network.batches == batches


def test_guidance_at_every_step_is_the_plain_guided_run_to_the_last_bit():
    network, condition = Network(lambda x: 0.2 * torch.cos(x)), torch.ones(SAMPLES, 1)
    halves = [guided_denoiser(network, Schedule("exp"), "x_start", value, 1.0) for value in (condition, 0 * condition)]

    def denoise(x, sigma):
        conditional, unconditional = (half(x, sigma) for half in halves)
        return unconditional + GUIDANCE * (conditional - unconditional)

    noise = Noise(range(SAMPLES))
    *_, last = dpm_solver_2m(denoise, noise.draw([SIZE]) * 160.0, karras_sigmas(9, 1e-3, 160.0))
    assert torch.equal(ended(network, 1), last.x)


@pytest.mark.parametrize("solver", ["dpm++2m", "euler"])
def test_a_difference_that_does_not_change_is_reused_without_loss(solver):
    torch.testing.assert_close(ended(Network(), 2, solver=solver), ended(Network(), 1, solver=solver))
    changing = [ended(Network(lambda x: 0.2 * torch.cos(x)), every, solver=solver) for every in (1, 2)]
    assert (changing[0] - changing[1]).abs().max() > 1e-3


def test_a_step_between_takes_the_difference_of_the_step_before():
    network, seen = Network(lambda x: 0.1 * x), []

    def recorded(x, t, condition):
        output = network(x, t, condition)
        seen.append(output)
        return output

    denoise = guided_denoiser(recorded, Schedule("exp"), "x_start", torch.ones(SAMPLES, 1), GUIDANCE, clamp=False)
    noise = Noise(range(SAMPLES))
    states = solve("euler", denoise, noise.draw([SIZE]), karras_sigmas(4, 0.1, 1.0), noise=noise, guidance_every=2)
    _, first, second, *_ = list(states)
    conditional, unconditional = seen[1].chunk(2)
    torch.testing.assert_close(first.denoised, unconditional + GUIDANCE * (conditional - unconditional))
    torch.testing.assert_close(second.denoised, seen[2] + (GUIDANCE - 1) * (conditional - unconditional))


@pytest.mark.parametrize("guidance", [0.0, 1.0])
def test_a_run_without_guidance_evaluates_the_conditional_half_alone(guidance):
    network = Network()
    ended(network, 2, guidance=guidance)
    assert network.counts == (0, 9)


def test_the_official_run_after_a_divergence_evaluates_guidance_always():
    calls = []

    def oscillating(x, t, condition):
        calls.append(len(x))
        return torch.full_like(x, 1.0 if len(calls) % 2 else -1.0) if len(calls) < 8 else torch.full_like(x, 0.25)

    ended(oscillating, 2)
    assert calls[-(2 * OFFICIAL_STEPS - 1) :] == [2 * SAMPLES] * (2 * OFFICIAL_STEPS - 1)
    assert SAMPLES in calls
