# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor inside Blender: a child polled by a timer, its findings with buttons, its report on the clipboard."""

import os
import signal
import sys
import time
from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.background.doctor_task import doctor_task
from blender_text3d.addon.panels import doctor, fix_buttons
from blender_text3d.doctor import fixes
from blender_text3d.doctor.checks import sample_job
from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding
from tests.blender.recording_layout import RecordingLayout, drawn


@pytest.fixture
def no_environment(addon, monkeypatch):
    """The add-on without an environment."""
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    return addon


def look_to_the_end(within_s=600.0):
    give_up = time.monotonic() + within_s
    while doctor_task.poll() is not None:
        assert time.monotonic() < give_up
        time.sleep(0.02)


def states() -> dict[str, str]:
    return {finding.check: finding.state for finding in doctor_task.findings}


def test_the_operator_runs_all_checks_and_reports_failures(no_environment):
    assert bpy.ops.text3d.examine() == {"FINISHED"}
    assert states()["environment"] == BAD
    assert states()["blender"] == states()["jobs"] == GOOD
    assert not doctor_task.is_running()
    assert "Setup has not been run yet" in doctor_task.report


def test_blender_does_not_wait_for_the_doctor(no_environment):
    from blender_text3d.addon.settings.choices import choices

    doctor_task.start(choices())
    os.kill(doctor_task.child._process.pid, signal.SIGSTOP)
    try:
        assert [doctor_task.poll() is None for _ in range(3)] == [False] * 3
        assert doctor_task.is_running()
    finally:
        os.kill(doctor_task.child._process.pid, signal.SIGCONT)
    look_to_the_end()
    assert states()["environment"] == BAD


def test_the_panel_lists_failed_checks_with_the_buttons_that_fix_them(no_environment):
    assert "checks passed" not in drawn()
    bpy.ops.text3d.examine()
    layout = RecordingLayout()
    text = drawn(layout).replace("\n", " ")
    assert "Setup has not been run yet" in text
    assert "checks passed" in text
    assert "TEXT3D_OT_set_up" in [button.identifier for button in layout.buttons]
    bpy.ops.text3d.forget_findings()
    assert "checks passed" not in drawn()


def test_the_preferences_have_the_button_and_the_list(addon):
    doctor_task.findings[:] = [
        Finding("a", "A", WARN, "odd", "", "Do this.", "preferences"),
        Finding("b", "B", GOOD, "x"),
    ]
    layout = RecordingLayout()
    doctor.draw_preferences(layout, bpy.context)
    assert "1 checks passed" in layout.texts
    assert "A: odd. Do this." in " ".join(layout.texts)
    assert {"is_full": True} in [button.values for button in layout.buttons]


@pytest.mark.parametrize(
    ("button", "operator", "chosen"),
    [
        ("setup", "TEXT3D_OT_set_up", {}),
        ("repair", "TEXT3D_OT_repair", {}),
        ("renew", "TEXT3D_OT_set_up", {"is_anew": True}),
    ],
)
def test_each_fix_of_the_environment_has_a_button(addon, button, operator, chosen):
    layout = RecordingLayout()
    doctor.draw_finding(layout, Finding("a", "A", BAD, "broken", "", "Do this.", button), bpy.context)
    assert [(drawn.identifier, drawn.values) for drawn in layout.buttons] == [(operator, chosen)]


def test_every_button_of_a_finding_exists():
    assert {*fixes.ENVIRONMENT_FIXES, *sample_job.BUTTONS.values()} <= fix_buttons.FIX_BUTTONS.keys()


def test_the_doctor_receives_the_chosen_pytorch_build(addon, monkeypatch):
    started, do_nothing = [], lambda: None
    from blender_text3d.addon.settings.choices import choices

    child = SimpleNamespace(start=do_nothing, stop=do_nothing, remove_output=do_nothing, is_alive=do_nothing)
    monkeypatch.setattr(
        "blender_text3d.addon.background.doctor_task.DoctorChild", lambda **options: started.append(options) or child
    )
    doctor_task.start(choices())
    doctor_task.stop()
    assert started[0]["blender"]["torch"] == "auto"


def test_a_running_doctor_can_be_stopped_and_not_started_again(addon):
    from blender_text3d.addon.settings.choices import choices

    doctor_task.start(choices())
    process = doctor_task.child._process
    assert not bpy.ops.text3d.examine.poll()
    assert "Checking" in drawn()
    assert bpy.ops.text3d.stop_examining() == {"FINISHED"}
    assert process.poll() is not None
    assert not doctor_task.is_running()


def test_a_doctor_that_times_out_is_ended_and_reported(addon, monkeypatch):
    from blender_text3d.addon.settings.choices import choices
    from blender_text3d.doctor import child

    monkeypatch.setattr(child, "TIMEOUT_S", 0.0)
    doctor_task.start(choices())
    process = doctor_task.child._process
    assert doctor_task.poll() is None
    assert process.poll() is not None
    assert states()["doctor"] == BAD
    assert "timed out" in doctor_task.findings[-1].found


def test_a_doctor_that_crashes_is_reported_with_its_last_output(addon, monkeypatch, tmp_path):
    from blender_text3d.addon.settings.choices import choices

    program = tmp_path / "broken-python"
    program.write_text("#!/bin/sh\necho no such module\nexit 7\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    doctor_task.start(choices())
    look_to_the_end()
    assert states()["doctor"] == BAD
    assert "no such module" in doctor_task.findings[-1].found


def test_the_report_goes_to_the_clipboard(addon, monkeypatch):
    from blender_text3d.addon.operators.doctor import TEXT3D_OT_copy_report

    assert not bpy.ops.text3d.copy_report.poll()
    monkeypatch.setattr(doctor_task, "report", "all of it")
    assert bpy.ops.text3d.copy_report.poll()
    window_manager, reports = SimpleNamespace(clipboard=""), []
    copier = SimpleNamespace(report=lambda *text: reports.append(text))
    TEXT3D_OT_copy_report.execute(copier, SimpleNamespace(window_manager=window_manager))
    assert window_manager.clipboard == "all of it"
    assert reports


def test_the_add_on_can_be_disabled_while_the_doctor_runs(addon):
    import blender_text3d
    from blender_text3d.addon.settings.choices import choices

    doctor_task.start(choices())
    process, folder = doctor_task.child._process, doctor_task.child.output.parent
    blender_text3d.unregister()
    blender_text3d.register()
    assert process.poll() is not None
    assert not folder.exists()
    assert doctor_task.findings == []
