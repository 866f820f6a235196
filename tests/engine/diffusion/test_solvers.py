# SPDX-License-Identifier: GPL-3.0-or-later
"""Solvers on an equation with a known answer: data that is one Gaussian, whose best denoiser is a formula."""

import pytest
import torch

from blender_text3d.engine.diffusion.schedule import karras_sigmas
from blender_text3d.engine.diffusion.solvers import dpm_solver_2m, heun

MEAN, SPREAD = 0.3, 0.5


def gaussian_denoiser(x, sigma):
    return MEAN + SPREAD**2 / (SPREAD**2 + sigma**2) * (x - MEAN)


def exact_end(x, sigma):
    """The probability-flow path of a Gaussian is a scaling about its mean."""
    return MEAN + (x - MEAN) * SPREAD / (SPREAD**2 + sigma**2) ** 0.5


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


@pytest.mark.parametrize("solver", [heun, dpm_solver_2m])
def test_a_solver_yields_once_a_step_with_falling_noise(solver):
    sigmas = [state.sigma for state in solver(gaussian_denoiser, torch.ones(3), karras_sigmas(7, 0.01, 80.0))]
    assert len(sigmas) == 7
    assert sigmas == sorted(sigmas, reverse=True)


def test_heun_draws_noise_once_a_step_even_without_churn():
    drawn = []
    list(heun(gaussian_denoiser, torch.ones(3), karras_sigmas(5, 0.01, 80.0), noise=lambda x: drawn.append(1) or x))
    assert len(drawn) == 5


def test_churn_moves_the_path_by_the_noise_it_adds():
    def end(churn):
        *_, last = heun(gaussian_denoiser, torch.ones(3) * 80, karras_sigmas(8, 0.01, 80.0), churn, torch.ones_like)
        return last.x

    assert (end(3.0) - end(0.0)).abs().max() > 1e-3
