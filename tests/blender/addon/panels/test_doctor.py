# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings of the diagnostics in a panel."""

import bpy
import pytest

from blender_text3d.addon.background.doctor_task import doctor_task
from blender_text3d.addon.panels import doctor
from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding
from tests.blender.recording_layout import RecordingLayout

FINE, ODD, BROKEN = (Finding(name, name.title(), state, "found", "", "Do this.") for name, state in
                     (("fine", GOOD), ("odd", WARN), ("broken", BAD)))  # fmt: skip


def drawn(draw):
    layout = RecordingLayout()
    draw(layout, bpy.context)
    return layout.texts, [button.identifier.removeprefix("TEXT3D_OT_") for button in layout.buttons]


@pytest.fixture
def found(addon, monkeypatch):
    """A function that sets the findings, and if the diagnostics run."""

    def found(*findings, is_running=False):
        monkeypatch.setattr(doctor_task, "findings", list(findings))
        monkeypatch.setattr(doctor_task, "is_running", lambda: is_running)

    return found


@pytest.mark.parametrize(
    ("findings", "is_running", "text"),
    [
        ([FINE, FINE], False, "All 2 checks passed"), ([FINE, ODD], False, "1 checks passed"),
        ([FINE, BROKEN, FINE], False, "2 checks passed"), ([FINE, ODD], True, "Checking… 1 checks passed"),
    ],
)  # fmt: skip
def test_the_checks_that_passed_are_counted(found, findings, is_running, text):
    found(*findings, is_running=is_running)
    assert doctor.summary() == text


def test_errors_are_drawn_before_warnings_and_what_is_fine_is_not(found):
    found(ODD, FINE, BROKEN)
    texts, buttons = drawn(doctor.draw)
    assert texts[:3] == ["1 checks passed", "text3d.forget_findings", "Broken: found. Do this."]
    assert texts[3] == "Odd: found. Do this."
    assert buttons == ["forget_findings", "copy_report"]


def test_running_diagnostics_can_be_stopped_and_none_draw_nothing(found):
    found(is_running=True)
    assert drawn(doctor.draw)[1] == ["stop_examining", "copy_report"]
    found()
    assert drawn(doctor.draw) == ([], [])


def test_only_a_finding_with_a_fix_that_the_panel_knows_has_a_button(found):
    for name, buttons in (("setup", ["set_up"]), ("", []), ("of a newer version", [])):
        finding = Finding("a", "A", BAD, "broken", "", "Do this.", name)
        assert drawn(lambda layout, context: doctor.draw_finding(layout, finding, context))[1] == buttons  # noqa: B023
