# SPDX-License-Identifier: GPL-3.0-or-later
"""Solvers on an equation with a known answer: data that is one Gaussian, whose best denoiser is a formula."""

import numpy as np
import pytest
import torch

from blender_text3d.engine.diffusion.schedule import karras_sigmas
from blender_text3d.engine.diffusion.solvers import dpm_solver_2m, euler, heun, heun_sigmas

MEAN, STD = 0.3, 0.5


def gaussian_denoiser(x, sigma):
    return MEAN + STD**2 / (STD**2 + sigma**2) * (x - MEAN)


def exact_end(x, sigma):
    """The probability-flow path of a Gaussian is a scaling about its mean."""
    return MEAN + (x - MEAN) * STD / (STD**2 + sigma**2) ** 0.5


def error_of(solver, steps):
    start = torch.linspace(-2, 2, 9, dtype=torch.float64) * 80
    *_, last = solver(gaussian_denoiser, start, karras_sigmas(steps, 1e-3, 80.0))
    return (last.x - exact_end(start, 80.0)).abs().max().item()


@pytest.mark.parametrize("solver", [heun, dpm_solver_2m])
def test_a_solver_ends_where_the_exact_path_ends(solver):
    assert error_of(solver, 64) < 1e-2


@pytest.mark.parametrize("solver", [heun, dpm_solver_2m])
def test_twice_the_steps_leave_less_than_half_the_error(solver):
    assert error_of(solver, 40) < 0.5 * error_of(solver, 20)


@pytest.mark.parametrize("solver", [heun, dpm_solver_2m, euler])
def test_a_solver_yields_once_a_step_with_falling_noise(solver):
    sigmas = [state.sigma for state in solver(gaussian_denoiser, torch.ones(3), karras_sigmas(7, 0.01, 80.0))]
    assert len(sigmas) == 7
    assert sigmas == sorted(sigmas, reverse=True)


def test_an_euler_step_goes_straight_to_the_estimate_and_its_error_halves_with_twice_the_steps():
    states = list(euler(lambda x, sigma: torch.full_like(x, 2.0), torch.tensor([10.0]), np.array([8.0, 2.0, 0.0])))
    assert [state.x.item() for state in states] == [4.0, 2.0]
    assert [state.x_hat.item() for state in states] == [10.0, 4.0]
    assert 0.4 < error_of(euler, 400) / error_of(euler, 200) < 0.6


def test_heun_draws_noise_once_a_step_even_without_churn():
    drawn = []
    list(heun(gaussian_denoiser, torch.ones(3), karras_sigmas(5, 0.01, 80.0), noise=lambda x: drawn.append(1) or x))
    assert len(drawn) == 5


def test_churn_moves_the_path_by_the_noise_it_adds():
    def end(churn):
        *_, last = heun(gaussian_denoiser, torch.ones(3) * 80, karras_sigmas(8, 0.01, 80.0), churn, torch.ones_like)
        return last.x

    assert (end(3.0) - end(0.0)).abs().max() > 1e-3


@pytest.mark.parametrize("steps", [4, 10])
def test_churn_is_spread_evenly_over_the_steps(steps):
    sigmas, churn = karras_sigmas(steps, 0.01, 80.0), 1.5
    levels = heun_sigmas(sigmas, churn)
    shares = [level.sigma_hat / level.sigma - 1 for level in levels]
    assert shares == pytest.approx([churn / steps] * steps, rel=1e-5)
    assert sum(shares) == pytest.approx(churn, rel=1e-5)


def test_churn_of_a_step_is_capped_and_adds_the_missing_variance():
    for level in heun_sigmas(karras_sigmas(3, 0.01, 80.0), churn=40.0):
        assert level.sigma_hat / level.sigma == pytest.approx(2**0.5, rel=1e-6)
        assert level.sigma**2 + level.noise_std**2 == pytest.approx(level.sigma_hat**2, rel=1e-5)


def test_the_network_sees_the_noise_level_that_churn_has_raised():
    seen = []
    sigmas = karras_sigmas(5, 0.01, 80.0)
    list(heun(lambda x, sigma: seen.append(sigma) or x * 0, torch.ones(3), sigmas, churn=1.0))
    assert seen[::2] == pytest.approx([1.2 * sigma for sigma in sigmas[:-1]], rel=1e-5)
    assert seen[1::2] == pytest.approx(sigmas[1:-1].tolist(), rel=1e-6)
