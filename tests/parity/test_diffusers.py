# SPDX-License-Identifier: GPL-3.0-or-later
"""Shap-E's sampling against diffusers' pipeline and scheduler, recorded by record_diffusers.py.

The library differs from the official package in three ways, which are reproduced here: timesteps are fractional,
interpolated over the logarithm of the noise level; the levels span the entire schedule; and the guided sum is clamped
instead of its two halves. Everything else is this engine's network, layout, schedule, guidance and solver.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.schedule import Schedule, karras_sigmas
from blender_text3d.engine.diffusion.solvers import heun
from blender_text3d.engine.shap_e.prior import PriorConfig, SplitVectorDiffusion
from blender_text3d.engine.weights.loading.layouts.diffusers import from_diffusers
from tests.engine.weights import layout_cases as cases

HERE = Path(__file__).parent
RUNS = {"unguided": 1.0, "guided": 4.0}


class RecordedSchedule(Schedule):
    """A schedule with the recorded timesteps at the recorded noise levels."""

    def timestep(self, sigma):
        return self.recorded_timesteps[sigma]

    def denoised_factors(self, t):
        return super().denoised_factors(int(t))


def recorded_schedule(sigmas, timesteps):
    schedule = RecordedSchedule("exp")
    object.__setattr__(schedule, "recorded_timesteps", dict(zip(sigmas[:-1].tolist(), timesteps.tolist(), strict=True)))
    return schedule


@pytest.fixture(scope="module")
def recorded():
    with np.load(HERE / "diffusers.npz") as data:
        return {name: data[name] for name in data.files}


@pytest.fixture(scope="module")
def prior():
    shapes = json.loads((HERE.parent / "engine/weights/layouts.json").read_text())["text_prior"]
    network = SplitVectorDiffusion(PriorConfig(**cases.PRIOR, condition_channels=cases.TEXT_CHANNELS))
    network.load_state_dict(from_diffusers(cases.filled(shapes), cases.HEADS))
    return network.eval().requires_grad_(False)


def levels_of(recorded, run):
    ends = np.sqrt(1 / Schedule("exp").alphas_cumprod[[0, -1]] - 1)
    return karras_sigmas(len(recorded[f"{run}/timesteps"]), *ends.tolist())


@pytest.mark.parametrize("run", RUNS)
def test_noise_levels_and_timesteps_are_those_of_diffusers(recorded, run):
    levels = np.sqrt(1 / Schedule("exp").alphas_cumprod - 1)
    sigmas = karras_sigmas(len(recorded[f"{run}/timesteps"]), levels[0], levels[-1])
    np.testing.assert_allclose(sigmas, recorded[f"{run}/sigmas"], rtol=2e-5)
    timesteps = np.interp(np.log(sigmas[:-1]), np.log(levels), np.arange(1024))
    np.testing.assert_allclose(timesteps, recorded[f"{run}/timesteps"], atol=0.02)


@pytest.mark.parametrize("run", RUNS)
def test_a_complete_run_ends_where_the_pipeline_of_diffusers_ends(recorded, prior, run):
    vectors, noise = torch.from_numpy(recorded["vectors"]), torch.from_numpy(recorded["noise"])
    sigmas = recorded[f"{run}/sigmas"]
    schedule = recorded_schedule(sigmas, recorded[f"{run}/timesteps"])
    both = guided_denoiser(prior, schedule, "x_start", vectors, RUNS[run], clamp=False)
    start = noise * float(recorded[f"{run}/start_scale"])
    *_, last = heun(lambda x, sigma: both(x, sigma).clamp(-1, 1), start, sigmas)
    expected = torch.from_numpy(recorded[f"{run}/latents"])
    assert expected.std() > 0.3
    assert (last.x - expected).abs().max() / expected.abs().max() < 2e-5
