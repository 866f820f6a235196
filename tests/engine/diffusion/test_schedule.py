# SPDX-License-Identifier: GPL-3.0-or-later
"""Noise schedules against their closed forms and the recorded facts of the official models."""

import numpy as np
import pytest

from blender_text3d.engine.diffusion.schedule import Schedule, few_step_sigmas, karras_sigmas


@pytest.mark.parametrize(
    ("name", "lowest", "highest"), [("cosine", 0.00635, 2.1e4), ("linear", 0.00988, 157.3), ("exp", 0.1086, 403.0)]
)
def test_a_schedule_covers_the_noise_levels_the_official_model_was_trained_on(name, lowest, highest):
    alphas = Schedule(name).alphas_cumprod
    sigmas = np.sqrt((1 - alphas) / alphas)
    assert sigmas[0] == pytest.approx(lowest, rel=0.01)
    assert sigmas[-1] == pytest.approx(highest, rel=0.03)


def test_a_noise_level_of_the_schedule_maps_to_its_own_timestep():
    schedule = Schedule("exp")
    alphas = schedule.alphas_cumprod
    timesteps = [schedule.timestep(np.sqrt((1 - a) / a)) for a in alphas[10::100]]
    assert np.abs(np.array(timesteps) - np.arange(10, 1024, 100)).max() <= 1


@pytest.mark.parametrize("name", ["exp", "cosine", "linear"])
@pytest.mark.parametrize("fraction", [0.25, 0.5, 0.9])
def test_a_noise_level_between_two_timesteps_maps_to_the_lower_one(name, fraction):
    schedule = Schedule(name)
    alphas = schedule.alphas_cumprod
    for t in (100, 301, 601):
        alpha = alphas[t] + fraction * (alphas[t + 1] - alphas[t])
        assert schedule.timestep(np.sqrt((1 - alpha) / alpha)) == t


def test_noise_levels_outside_the_schedule_map_to_its_ends():
    assert (Schedule("exp").timestep(1e-3), Schedule("exp").timestep(1e4)) == (0, 1023)


def test_karras_levels_fall_from_the_highest_to_the_lowest_and_end_in_zero():
    sigmas = karras_sigmas(64, 1e-3, 160.0)
    assert len(sigmas) == 65
    assert sigmas[0] == pytest.approx(160.0)
    assert sigmas[-2] == pytest.approx(1e-3, rel=1e-3)
    assert sigmas[-1] == 0
    assert (np.diff(sigmas) < 0).all()


def test_a_few_steps_go_from_the_highest_level_to_those_where_the_object_forms():
    assert few_step_sigmas(5, 160.0) == pytest.approx([160, 7, 1.577, 0.3551, 0.08, 0], rel=1e-3)
    assert few_step_sigmas(2, 160.0).tolist() == [160, 7, 0]
    assert few_step_sigmas(1, 160.0).tolist() == [160, 0]
    assert few_step_sigmas(7, 160.0).dtype == np.float32
