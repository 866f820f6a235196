# SPDX-License-Identifier: GPL-3.0-or-later
"""The estimated time of a job, with a fake clock."""

import pytest

from blender_text3d.worker.reporting.eta import TYPICAL_REST, EtaEstimator

WHOLE_JOB = (("load", 1, 1, 5.0), ("sample", 2, 2, 6.0), ("mesh", 1, 1, 9.0), ("export", 1, 1, 9.5))


def after(eta: EtaEstimator, start: float, *steps: tuple[str, int, int, float]) -> float | None:
    """Return the estimate after these steps of one job: stage, index, total, time."""
    eta.start(start)
    return [eta.eta_s(*step) for step in steps][-1]


@pytest.mark.parametrize("step", [("load", 0, 2, 0.0), ("load", 1, 2, 3.0), ("sample", 0, 4, 3.0)])
def test_there_is_no_estimate_before_the_first_sample_of_the_first_job(step):
    assert after(EtaEstimator(), 0, step) is None


def test_later_steps_take_as_long_as_earlier_ones_and_later_stages_are_guessed():
    eta_s = after(EtaEstimator(), 10, ("sample", 1, 4, 11.0), ("sample", 2, 4, 14.0))
    assert eta_s == pytest.approx(4.0 + 8.0 * TYPICAL_REST["sample"])


def test_the_last_step_of_the_last_stage_leaves_nothing():
    assert after(EtaEstimator(), 0, ("export", 1, 2, 1.0), ("export", 2, 2, 2.0)) == 0.0


def test_later_stages_take_as_long_as_in_the_job_before():
    eta = EtaEstimator()
    after(eta, 0, *WHOLE_JOB)
    assert after(eta, 100, ("load", 1, 1, 100.5), ("sample", 1, 2, 101.5)) == 1.0 + 3.0 + 0.5


def test_a_stage_that_has_just_started_is_expected_to_take_as_long_as_before():
    eta = EtaEstimator()
    after(eta, 0, *WHOLE_JOB)
    assert after(eta, 100, ("load", 0, 1, 100.0)) == 9.5


def test_a_job_cancelled_half_way_does_not_distort_the_estimate():
    eta = EtaEstimator()
    after(eta, 0, ("sample", 2, 2, 2.0))
    assert after(eta, 10, ("sample", 1, 2, 11.0)) == pytest.approx(1.0 + 2.0 * TYPICAL_REST["sample"])


def test_a_stage_without_a_duration_keeps_the_previous_estimate():
    after_sampling = after(EtaEstimator(), 0, ("sample", 1, 1, 10.0))
    assert after(EtaEstimator(), 0, ("sample", 1, 1, 10.0), ("mesh", 0, 1, 11.0)) == after_sampling - 1.0


@pytest.mark.parametrize(("stage", "rest"), [("sample", 7.0), ("mesh", 1.0), ("export", 0.0)])
def test_after_a_stage_of_the_first_job_a_typical_share_of_its_time_is_left(stage, rest):
    assert after(EtaEstimator(), 100, (stage, 1, 1, 110.0)) == rest


@pytest.mark.parametrize("stage", ["load", "field", "unknown"])
def test_after_another_stage_of_the_first_job_nothing_is_known(stage):
    assert after(EtaEstimator(), 100, (stage, 1, 1, 110.0)) is None


def test_a_stage_starts_at_the_last_step_of_the_one_before():
    assert after(EtaEstimator(), 0, ("load", 2, 2, 10.0), ("export", 1, 4, 12.0)) == 6.0


def test_an_estimate_is_never_negative_and_has_three_decimals():
    eta = EtaEstimator()
    assert after(eta, 0, ("export", 1, 3, 1.0), ("mesh", 0, 1, 9.0)) == 0.0
    assert after(eta, 0, ("export", 3, 7, 1.0)) == 1.333


def test_a_new_job_forgets_the_estimate_and_keeps_the_durations():
    eta = EtaEstimator()
    after(eta, 0, ("load", 1, 1, 1.0), ("sample", 1, 1, 3.0))
    assert after(eta, 100, ("other", 0, 1, 100.0)) is None
    assert after(eta, 200, ("load", 0, 2, 200.0)) == 3.0


def test_the_last_duration_of_a_stage_counts_and_its_place_stays_the_first():
    eta = EtaEstimator()
    after(eta, 0, ("load", 1, 1, 1.0), ("sample", 1, 1, 3.0))
    after(eta, 0, ("load", 1, 1, 5.0), ("sample", 1, 1, 6.0))
    assert after(eta, 0, ("load", 0, 1, 0.0)) == 6.0


def test_a_copy_knows_the_durations_and_teaches_nothing():
    eta = EtaEstimator()
    after(eta, 0, *WHOLE_JOB)
    copy = eta.copy()
    assert after(copy, 100, ("load", 0, 1, 100.0)) == 9.5
    after(copy, 200, ("load", 1, 1, 290.0))
    assert after(eta, 300, ("load", 0, 1, 300.0)) == 9.5


def test_a_copy_in_the_middle_of_a_job_goes_on_with_its_clock():
    eta = EtaEstimator()
    after(eta, 50_000, ("mesh", 1, 1, 50_001.0))
    copied = eta.copy()
    copied.eta_s("export", 0, 2, 50_001.0)
    assert copied.eta_s("export", 1, 2, 50_002.0) == pytest.approx(1.0)
