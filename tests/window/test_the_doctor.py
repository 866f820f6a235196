# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's list, and settings that exclude each other, drawn by a real Blender without an error in its log."""

import os

import pytest

RETRY_FOR_S = 180


@pytest.fixture(scope="module", autouse=True)
def as_before(window):
    """Other tests find the panel as it was."""
    yield
    window.set(model="mini/shap-e", outputs="mesh", doctor=False, worker_python=os.environ["TEXT3D_WORKER_PYTHON"])


def test_the_doctor_looks_while_blender_goes_on_and_all_is_well(window):
    window.set(doctor=True)
    beat = window.state["beat"]
    state = window.wait_for(lambda state: state["findings"], "the doctor's list", RETRY_FOR_S)
    assert state["beat"] > beat + 2  # Blender's own timer went on
    assert "bad" not in state["findings"].values() and state["findings"]["device"] == "good"
    window.screen.shoot_when_still("10-doctor-well")


def test_what_is_ill_is_drawn_with_its_buttons(window):
    window.set(doctor=False, worker_python="/no/such/python")
    window.wait_for(lambda state: not state["findings"], "the list to go", RETRY_FOR_S)
    window.set(doctor=True)
    state = window.wait_for(lambda state: state["findings"], "the doctor's list", RETRY_FOR_S)
    assert state["findings"]["environment"] == "bad"
    window.screen.shoot_when_still("11-doctor-ill")


def test_settings_that_exclude_each_other_are_drawn_with_their_button(window):
    python = os.environ["TEXT3D_WORKER_PYTHON"]
    window.set(doctor=False, worker_python=python, outputs="cloud", model="reference/shap-e-text")
    window.wait_for(lambda state: not state["findings"], "the list to go", RETRY_FOR_S)
    window.screen.shoot_when_still("12-conflict")


def test_blender_drew_all_of_it_without_an_error(window):
    log = (window._home / "blender.log").read_text(errors="replace")
    assert "Traceback" not in log and "rna_uiItem" not in log
