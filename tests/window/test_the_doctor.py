# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's list and settings conflicts, drawn by a real Blender without an error in its log."""

import os

import pytest

TIMEOUT_S = 180


@pytest.fixture(scope="module", autouse=True)
def default_settings(window):
    """The panel's defaults, restored for other tests."""
    yield
    window.set(model="mini/shap-e", outputs="mesh", doctor=False, worker_python=os.environ["TEXT3D_WORKER_PYTHON"])


def test_the_doctor_runs_in_the_background_and_every_check_passes(window):
    window.set(doctor=True)
    beat = window.state["beat"]
    state = window.wait_for(lambda state: state["findings"], "the doctor's list", TIMEOUT_S)
    assert state["beat"] > beat + 2  # Blender's own timer kept running
    assert "bad" not in state["findings"].values()
    assert state["findings"]["device"] == "good"
    window.screen.shoot_when_still("10-doctor-passed")


def test_a_failed_check_is_drawn_with_its_buttons(window):
    window.set(doctor=False, worker_python="/no/such/python")
    window.wait_for(lambda state: not state["findings"], "the list to go", TIMEOUT_S)
    window.set(doctor=True)
    state = window.wait_for(lambda state: state["findings"], "the doctor's list", TIMEOUT_S)
    assert state["findings"]["environment"] == "bad"
    window.screen.shoot_when_still("11-doctor-failed")


def test_a_settings_conflict_is_drawn_with_its_button(window):
    python = os.environ["TEXT3D_WORKER_PYTHON"]
    window.set(doctor=False, worker_python=python, outputs="cloud", model="reference/shap-e-text")
    window.wait_for(lambda state: not state["findings"], "the list to go", TIMEOUT_S)
    window.screen.shoot_when_still("12-conflict")


def test_blender_draws_all_of_it_without_an_error(window):
    log = (window._home / "blender.log").read_text(errors="replace")
    assert "Traceback" not in log
    assert "rna_uiItem" not in log
