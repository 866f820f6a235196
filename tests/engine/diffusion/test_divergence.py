# SPDX-License-Identifier: GPL-3.0-or-later
"""Multistep runs that diverge, on equations whose answer is known."""

from functools import cache

import pytest
import torch

from blender_text3d.engine.diffusion.divergence import DivergenceMonitor
from blender_text3d.engine.diffusion.noise import Noise
from blender_text3d.engine.diffusion.schedule import karras_sigmas
from blender_text3d.engine.diffusion.solver_registry import solve, with_fallback
from blender_text3d.engine.diffusion.solvers import SolverState, dpm_solver_2m, heun

SIGMA_MIN, SIGMA_MAX, SIZE = 1e-3, 80.0, 16
WIDE_STD = 0.5
CLUSTERS = torch.randn(12, SIZE, generator=torch.Generator().manual_seed(3)) * 0.5


def gaussian(std, mean=0.2):
    return lambda x, sigma: mean + std**2 / (std**2 + sigma**2) * (x - mean)


def mixture(means, variance):
    def denoise(x, sigma):
        distances = (x[:, None] - means).square().sum(-1)
        nearest = torch.softmax(-distances / (2 * (variance + sigma**2)), dim=-1) @ means
        return nearest + variance / (variance + sigma**2) * (x - nearest)

    return denoise


def guided(conditional, unconditional, scale, clamp=True):
    def denoise(x, sigma):
        with_condition, without = conditional(x, sigma), unconditional(x, sigma)
        if clamp:
            with_condition, without = with_condition.clamp(-1, 1), without.clamp(-1, 1)
        return without + scale * (with_condition - without)

    return denoise


STIFF = guided(gaussian(0.05), gaussian(WIDE_STD), 15.0)
STIFF_UNCLAMPED = guided(gaussian(0.05), gaussian(WIDE_STD), 15.0, clamp=False)
DISJOINT = guided(mixture(CLUSTERS[:4], 0.002), mixture(CLUSTERS[4:], 0.002), 15.0)
CALM = guided(gaussian(0.4), gaussian(WIDE_STD), 3.0)
WITHIN = guided(mixture(CLUSTERS[:1], 0.1), mixture(CLUSTERS, 0.1), 15.0)


def start(batch=4):
    return Noise(range(batch)).draw((SIZE,)) * SIGMA_MAX


def levels(steps):
    return karras_sigmas(steps, SIGMA_MIN, SIGMA_MAX)


def end(states):
    *_, last = states
    return last.x


@cache
def exact_end(denoise):
    """The end of a run of hundreds of steps of the official solver."""
    return end(heun(denoise, start(), levels(600)))


def error_of(x, denoise):
    """Relative distance from the exact end."""
    exact = exact_end(denoise)
    return ((x - exact).norm() / exact.norm()).item()


def diverged(denoise, steps, batch=4):
    monitor = DivergenceMonitor()
    for state in dpm_solver_2m(denoise, start(batch), levels(steps)):
        monitor.update(state.denoised)
    return monitor.diverged


@pytest.mark.parametrize("denoise", [STIFF, STIFF_UNCLAMPED, DISJOINT])
@pytest.mark.parametrize("steps", [16, 25])
def test_a_multistep_run_that_oscillates_is_detected_and_its_result_is_wrong(denoise, steps):
    assert diverged(denoise, steps).any()
    assert error_of(end(dpm_solver_2m(denoise, start(), levels(steps))), denoise) > 0.25


@pytest.mark.parametrize("denoise", [CALM, WITHIN])
@pytest.mark.parametrize("steps", [16, 25])
def test_a_multistep_run_that_converges_is_not_flagged_and_its_result_is_right(denoise, steps):
    assert not diverged(denoise, steps).any()
    assert error_of(end(dpm_solver_2m(denoise, start(), levels(steps))), denoise) < 0.15


def half_stiff(x, sigma):
    """A denoiser with which the last sample of a batch diverges and the others do not."""
    return torch.cat([CALM(x[:-1], sigma), STIFF(x[-1:], sigma)])


def test_only_the_diverging_sample_of_a_batch_is_flagged():
    assert diverged(half_stiff, 25).tolist() == [False, False, False, True]


def test_a_diverging_sample_leaves_the_others_of_its_batch_unchanged():
    fast = list(solve("dpm++2m", half_stiff, start(), levels(25), noise=Noise(range(4))))
    official = end(heun(half_stiff, start(), karras_sigmas(64, SIGMA_MIN, SIGMA_MAX)))
    assert torch.equal(fast[-1].x[:3], end(dpm_solver_2m(half_stiff, start(), levels(25)))[:3])
    torch.testing.assert_close(fast[-1].x[3], official[3], rtol=0, atol=1e-4)
    assert [state.notice for state in fast if state.notice] == [
        "The fast solver diverged for 1 of 4 objects in this batch; "
        "sampling restarts with the official solver for those."
    ]


@pytest.mark.parametrize(("estimates", "expected"), [((1, 2, 1, 2), True), ((1, 2, 1, 0, 1), False)])
def test_two_oscillations_are_divergence_only_if_one_follows_the_other(estimates, expected):
    monitor = DivergenceMonitor()
    for estimate in estimates:
        monitor.update(torch.full((1, 3), float(estimate)))
    assert monitor.diverged.tolist() == [expected]


def test_an_estimate_with_nan_is_flagged_at_once():
    monitor = DivergenceMonitor()
    monitor.update(torch.ones(1, 3))
    assert not monitor.diverged
    monitor.update(torch.tensor([[1.0, float("nan"), 0.0]]))
    assert monitor.diverged


def test_a_diverged_run_ends_as_the_official_run_of_the_same_seed_with_a_notice():
    def run(solver, sigmas):
        noise = Noise(range(4))
        x = noise.draw((SIZE,)) * SIGMA_MAX
        return list(solve(solver, DISJOINT, x, sigmas, noise=noise, churn=3.0))

    fast, official = run("dpm++2m", levels(25)), run("heun", levels(64))
    torch.testing.assert_close(fast[-1].x, official[-1].x, rtol=0, atol=1e-4)
    assert (fast[-1].index, fast[-1].total) == (63, 64)
    notices = [state.notice for state in fast if state.notice]
    assert len(notices) == 1
    assert "diverged" in notices[0]
    assert len(fast) < 25 + 64


def test_a_converging_run_is_the_multistep_run_without_a_notice():
    fast = list(solve("dpm++2m", CALM, start(), levels(20), noise=Noise(0)))
    assert torch.equal(fast[-1].x, end(dpm_solver_2m(CALM, start(), levels(20))))
    assert not any(state.notice for state in fast)


def test_on_another_device_divergence_is_checked_only_at_the_end():
    nan = torch.tensor([[float("nan")]])

    class Far(torch.Tensor):
        device = torch.device("meta")

    states = [SolverState(index, 3, 1.0, nan, nan.as_subclass(Far), nan) for index in range(3)]
    restarted = [SolverState(0, 1, 1.0, nan, nan, nan)]
    assert [state.notice is None for state in with_fallback(iter(states), lambda: iter(restarted))] == [
        True,
        True,
        True,
        False,
    ]
