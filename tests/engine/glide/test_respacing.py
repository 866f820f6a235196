# SPDX-License-Identifier: GPL-3.0-or-later
"""Respaced schedules beyond the recorded ones of tests/parity."""

import numpy as np
import pytest

from blender_text3d.engine.glide.respacing import RespacedSchedule, spaced_timesteps


def test_a_schedule_without_spacing_has_all_timesteps():
    schedule = RespacedSchedule("linear")
    assert schedule.timesteps == list(range(1000))
    assert np.allclose(schedule.betas, np.linspace(1e-4, 0.02, 1000), atol=1e-12)


def test_fast27_takes_the_third_last_timestep_instead_of_the_last():
    plain = spaced_timesteps("10,10,3,2,2")
    assert spaced_timesteps("fast27") == [*plain[:-1], 997]
    assert plain[-1] == 999


def test_sections_that_do_not_divide_the_schedule_are_longer_at_its_start():
    assert spaced_timesteps("1,1,2", 11) == [0, 4, 8, 10]


@pytest.mark.parametrize(("spacing", "message"), [("ddim999", "equal stride"), ("6,6", "section of 5 steps")])
def test_an_impossible_spacing_is_an_error(spacing, message):
    with pytest.raises(ValueError, match=message):
        spaced_timesteps(spacing, 10)


def test_the_signal_at_the_kept_timesteps_is_that_of_the_complete_schedule():
    complete, respaced = RespacedSchedule("squaredcos_cap_v2"), RespacedSchedule("squaredcos_cap_v2", "100")
    assert np.allclose(respaced.alphas_cumprod, complete.alphas_cumprod[respaced.timesteps], rtol=1e-9)
