# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of the diagnostics."""

from types import SimpleNamespace

import pytest

from blender_text3d.addon.operators import doctor
from blender_text3d.addon.operators.doctor import TEXT3D_OT_examine
from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding

FINDINGS = [Finding("a", "A", GOOD, "fine"), Finding("b", "B", WARN, "odd"), Finding("c", "C", BAD, "broken")]


class Operator:
    """An operator that records its reports."""

    def __init__(self, is_full):
        self.is_full, self.reports = is_full, []

    def report(self, kinds, text):
        self.reports.append((*kinds, text))

    def wait(self):
        return TEXT3D_OT_examine.wait(self)


@pytest.fixture
def calls(clean_state, monkeypatch):
    """What is done with the diagnostics, which find something good, odd and broken."""
    calls = []
    monkeypatch.setattr(doctor.doctor_task, "start", lambda chosen, is_full: calls.append(("start", is_full)))
    monkeypatch.setattr(doctor.doctor_task, "wait", lambda: calls.append("wait"))
    monkeypatch.setattr(doctor.doctor_task, "findings", FINDINGS)
    return calls


@pytest.mark.parametrize("is_full", [False, True])
def test_without_a_window_only_failed_checks_are_reported_at_the_end(calls, is_full):
    operator = Operator(is_full)
    assert TEXT3D_OT_examine.execute(operator, None) == {"FINISHED"}
    assert calls == [("start", is_full), "wait"]
    assert operator.reports == [("WARNING", FINDINGS[2].line())]


def test_with_a_window_nothing_is_waited_for(calls, monkeypatch):
    monkeypatch.setattr(doctor, "bpy", SimpleNamespace(app=SimpleNamespace(background=False)))
    operator = Operator(False)
    assert TEXT3D_OT_examine.execute(operator, None) == {"FINISHED"}
    assert (calls, operator.reports) == ([("start", False)], [])


def test_diagnostics_that_cannot_be_started_are_a_problem(calls, clean_state, monkeypatch):
    def refuse(*_, **__):
        raise OSError("no folder for temporary files")

    monkeypatch.setattr(doctor.doctor_task, "start", refuse)
    assert TEXT3D_OT_examine.execute(Operator(False), None) == {"CANCELLED"}
    assert str(clean_state.problem) == "The diagnostics could not be started: no folder for temporary files."
    assert clean_state.problem.reason == "own_error"


def test_diagnostics_run_one_at_a_time_and_can_be_stopped_while_they_run(monkeypatch):
    for is_running in (False, True):
        monkeypatch.setattr(doctor.doctor_task, "is_running", lambda: is_running)  # noqa: B023
        assert TEXT3D_OT_examine.poll(None) is not is_running
        assert doctor.TEXT3D_OT_stop_examining.poll(None) is is_running
