# SPDX-License-Identifier: GPL-3.0-or-later
"""Solvers by name: the fast one falls back to the official one, with a notice, when it diverges."""

import torch

from blender_text3d.engine.diffusion.noise import Noise
from blender_text3d.engine.diffusion.schedule import karras_sigmas
from blender_text3d.engine.diffusion.solver_registry import OFFICIAL_STEPS, solve

SIGMAS = karras_sigmas(12, 1e-2, 80.0)


def run(denoise, solver):
    noise = Noise(3)
    return list(solve(solver, denoise, noise.draw([8]) * 80.0, SIGMAS, noise=noise))


def test_a_converging_run_uses_the_fast_solver_without_a_notice():
    sigmas = []
    states = run(lambda x, sigma: sigmas.append(sigma) or torch.full_like(x, 0.5), "dpm++2m")
    assert len(sigmas) == len(states) == 12
    assert not any(state.notice for state in states)
    assert torch.allclose(states[-1].x, torch.full((1, 8), 0.5))


def test_a_diverging_run_restarts_with_the_official_solver_and_a_notice():
    calls = []

    def oscillating(x, sigma):
        calls.append(sigma)
        return torch.full_like(x, 1.0 if len(calls) % 2 else -1.0) if len(calls) < 8 else torch.full_like(x, 0.25)

    states = run(oscillating, "dpm++2m")
    restarts = [position for position, state in enumerate(states) if state.notice]
    assert len(restarts) == 1
    assert "restarts" in states[restarts[0]].notice
    assert [state.index for state in states[restarts[0] :]] == list(range(OFFICIAL_STEPS))
    assert torch.allclose(states[-1].x, torch.full((1, 8), 0.25), atol=1e-5)


def test_the_official_solver_is_never_replaced():
    signs = iter(range(1000))
    states = run(lambda x, sigma: torch.full_like(x, (-1.0) ** next(signs)), "heun")
    assert len(states) == 12
    assert not any(state.notice for state in states)
