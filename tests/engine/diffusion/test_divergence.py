# SPDX-License-Identifier: GPL-3.0-or-later
"""A multistep run that loses its way, on equations whose answer is known."""

from functools import cache

import pytest
import torch

from blender_text3d.engine.diffusion.divergence import Watch, with_fallback
from blender_text3d.engine.diffusion.noise import Noise
from blender_text3d.engine.diffusion.schedule import karras_sigmas
from blender_text3d.engine.diffusion.solver_registry import solve
from blender_text3d.engine.diffusion.solvers import SolverState, dpm_solver_2m, heun

SIGMA_MIN, SIGMA_MAX, SIZE = 1e-3, 80.0, 16
WIDE = 0.5
CLUSTERS = torch.randn(12, SIZE, generator=torch.Generator().manual_seed(3)) * 0.5


def of_a_gaussian(spread, mean=0.2):
    return lambda x, sigma: mean + spread**2 / (spread**2 + sigma**2) * (x - mean)


def of_a_mixture(means, variance):
    def denoise(x, sigma):
        distances = (x[:, None] - means).square().sum(-1)
        nearest = torch.softmax(-distances / (2 * (variance + sigma**2)), dim=-1) @ means
        return nearest + variance / (variance + sigma**2) * (x - nearest)

    return denoise


def guided(conditional, unconditional, scale, clamp=True):
    def denoise(x, sigma):
        one, other = conditional(x, sigma), unconditional(x, sigma)
        one, other = (one.clamp(-1, 1), other.clamp(-1, 1)) if clamp else (one, other)
        return other + scale * (one - other)

    return denoise


STIFF = guided(of_a_gaussian(0.05), of_a_gaussian(WIDE), 15.0)
STIFF_UNCLAMPED = guided(of_a_gaussian(0.05), of_a_gaussian(WIDE), 15.0, clamp=False)
DISJOINT = guided(of_a_mixture(CLUSTERS[:4], 0.002), of_a_mixture(CLUSTERS[4:], 0.002), 15.0)
CALM = guided(of_a_gaussian(0.4), of_a_gaussian(WIDE), 3.0)
WITHIN = guided(of_a_mixture(CLUSTERS[:1], 0.1), of_a_mixture(CLUSTERS, 0.1), 15.0)


def start(batch=4):
    return Noise(range(batch)).draw((SIZE,)) * SIGMA_MAX


def levels(steps):
    return karras_sigmas(steps, SIGMA_MIN, SIGMA_MAX)


def end(states):
    *_, last = states
    return last.x


@cache
def exact_end(denoise):
    """Where hundreds of steps of the official solver end."""
    return end(heun(denoise, start(), levels(600)))


def error_of(x, denoise):
    """Relative distance from the exact end."""
    exact = exact_end(denoise)
    return ((x - exact).norm() / exact.norm()).item()


def lost(denoise, steps, batch=4):
    watch = Watch()
    for state in dpm_solver_2m(denoise, start(batch), levels(steps)):
        watch.see(state.clean)
    return watch.lost


@pytest.mark.parametrize("denoise", [STIFF, STIFF_UNCLAMPED, DISJOINT])
@pytest.mark.parametrize("steps", [16, 25])
def test_a_multistep_run_that_swings_is_noticed_and_was_indeed_wrong(denoise, steps):
    assert lost(denoise, steps).any()
    assert error_of(end(dpm_solver_2m(denoise, start(), levels(steps))), denoise) > 0.25


@pytest.mark.parametrize("denoise", [CALM, WITHIN])
@pytest.mark.parametrize("steps", [16, 25])
def test_a_multistep_run_that_settles_is_left_alone_and_was_indeed_right(denoise, steps):
    assert not lost(denoise, steps).any()
    assert error_of(end(dpm_solver_2m(denoise, start(), levels(steps))), denoise) < 0.15


def half_stiff(x, sigma):
    """The last sample of a batch loses its way, the others do not."""
    return torch.cat([CALM(x[:-1], sigma), STIFF(x[-1:], sigma)])


def test_the_sample_of_a_batch_that_lost_its_way_is_known():
    assert lost(half_stiff, 25).tolist() == [False, False, False, True]


def test_a_sample_that_lost_its_way_changes_nothing_for_the_others_of_its_batch():
    quick = list(solve("dpm++2m", half_stiff, start(), levels(25), noise=Noise(range(4))))
    official = end(heun(half_stiff, start(), karras_sigmas(64, SIGMA_MIN, SIGMA_MAX)))
    assert torch.equal(quick[-1].x[:3], end(dpm_solver_2m(half_stiff, start(), levels(25)))[:3])
    torch.testing.assert_close(quick[-1].x[3], official[3], rtol=0, atol=1e-4)
    assert [state.notice for state in quick if state.notice] == [
        "The quick solver became unsteady in 1 of 4 objects that are made together; "
        "the official one starts again for them."
    ]


def test_a_guess_that_is_no_number_is_noticed_at_once():
    watch = Watch()
    assert not watch.see(torch.ones(1, 3))
    assert watch.see(torch.tensor([[1.0, float("nan"), 0.0]]))


def test_a_lost_run_ends_as_the_official_run_of_the_same_seed_and_says_so():
    def run(solver, sigmas):
        noise = Noise(range(4))
        x = noise.draw((SIZE,)) * SIGMA_MAX
        return list(solve(solver, DISJOINT, x, sigmas, noise=noise, churn=3.0))

    quick, official = run("dpm++2m", levels(25)), run("heun", levels(64))
    torch.testing.assert_close(quick[-1].x, official[-1].x, rtol=0, atol=1e-4)
    assert (quick[-1].index, quick[-1].of) == (63, 64)
    notices = [state.notice for state in quick if state.notice]
    assert len(notices) == 1
    assert "unsteady" in notices[0]
    assert len(quick) < 25 + 64


def test_a_steady_run_says_nothing_and_is_the_multistep_run():
    quick = list(solve("dpm++2m", CALM, start(), levels(20), noise=Noise(0)))
    assert torch.equal(quick[-1].x, end(dpm_solver_2m(CALM, start(), levels(20))))
    assert not any(state.notice for state in quick)


def test_what_runs_elsewhere_is_looked_at_when_it_has_ended():
    nan = torch.tensor([[float("nan")]])

    class Far(torch.Tensor):
        device = torch.device("meta")

    states = [SolverState(index, 3, 1.0, nan, nan.as_subclass(Far), nan) for index in range(3)]
    again = [SolverState(0, 1, 1.0, nan, nan, nan)]
    assert [state.notice is None for state in with_fallback(iter(states), lambda: iter(again))] == [
        True,
        True,
        True,
        False,
    ]
