# SPDX-License-Identifier: GPL-3.0-or-later
"""The estimate of what is left, on a made-up clock."""

from blender_text3d.worker.pace import Pace


def after(pace: Pace, now: float, *steps: tuple[str, int, int, float]) -> float | None:
    """The estimate after these steps of one job: stage, index, of, time."""
    pace.begin(now)
    return [pace.eta_s(*step) for step in steps][-1]


def test_nobody_knows_before_the_first_step_of_the_first_job():
    assert after(Pace(), 0, ("load", 0, 2, 0.0)) is None


def test_steps_of_a_stage_take_as_long_as_those_before_them():
    assert after(Pace(), 10, ("sample", 1, 4, 11.0), ("sample", 2, 4, 14.0)) == 4.0


def test_the_last_step_of_the_only_known_stage_leaves_nothing():
    assert after(Pace(), 0, ("sample", 1, 2, 1.0), ("sample", 2, 2, 2.0)) == 0.0


def test_later_stages_take_as_long_as_in_the_job_before():
    pace = Pace()
    after(pace, 0, ("load", 1, 1, 5.0), ("sample", 2, 2, 6.0), ("mesh", 1, 1, 9.0))
    assert after(pace, 100, ("load", 1, 1, 100.5), ("sample", 1, 2, 101.5)) == 1.0 + 3.0


def test_a_stage_that_only_begins_is_expected_to_take_as_long_as_before():
    pace = Pace()
    after(pace, 0, ("load", 1, 1, 5.0), ("sample", 1, 1, 7.0))
    assert after(pace, 100, ("load", 0, 1, 100.0)) == 7.0
