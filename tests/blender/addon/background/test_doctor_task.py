# SPDX-License-Identifier: GPL-3.0-or-later
"""The run of the doctor that a timer follows."""

from dataclasses import replace
from pathlib import Path

import bpy
import pytest

from blender_text3d.addon.background import doctor_task as module
from blender_text3d.addon.background.doctor_task import DoctorTask, crash_finding
from blender_text3d.addon.settings.choices import Choices
from blender_text3d.doctor.finding import BAD, GOOD, Finding

CHOSEN = Choices(Path("/data/jobs"), Path("/data/worker-env"), None, "", "cpu", "", "rerun+http://host:9876/proxy")


class FakeChild:
    """A doctor whose output the test sets."""

    def __init__(self, **options):
        self.options, self.calls = options, []
        self.alive, self.late, self.text, self.found = True, False, "", [Finding("blender", "Blender", GOOD, "5.2")]
        self.line = "no such module" * 30

    def is_alive(self):
        return self.alive

    def is_late(self):
        return self.late

    def findings(self):
        return list(self.found)

    def report(self):
        return self.text

    def last_line(self):
        return self.line

    def start(self):
        self.calls.append("start")

    def stop(self):
        self.calls.append("stop")

    def remove_output(self):
        self.calls.append("remove_output")


@pytest.fixture
def task(monkeypatch):
    monkeypatch.setattr(module, "DoctorChild", FakeChild)
    task = DoctorTask()
    task.start(CHOSEN)
    return task


def test_the_child_gets_the_preferences_and_what_only_blender_knows(task):
    blender = task.child.options.pop("blender")
    assert task.child.options == {
        "data_folder": "/data", "python": "", "viewer": "rerun+http://host:9876/proxy", "is_full": False,
    }  # fmt: skip
    assert blender == {
        "version": bpy.app.version_string, "online_access": bpy.app.online_access,
        "user_folder": bpy.utils.resource_path("USER"), "torch": "cpu",
    }  # fmt: skip
    task.start(replace(CHOSEN, own_python=Path("/usr/bin/python3")), is_full=True)
    assert task.child.options["python"] == "/usr/bin/python3"
    assert task.child.options["is_full"] is True


def test_findings_are_shown_while_it_runs_and_the_report_at_the_end(task):
    child = task.child
    assert task.poll() == 0.3
    assert task.findings == child.found
    assert task.report == ""
    child.alive, child.text = False, "all of it"
    child.found.append(Finding("jobs", "Jobs", BAD, "broken"))
    assert task.poll() is None
    assert (task.findings, task.report) == (child.found, "all of it")
    assert child.calls == ["start", "stop", "remove_output"]


def test_a_doctor_that_crashed_is_a_finding_with_the_start_of_its_last_line(task):
    child = task.child
    child.alive = False
    task.poll()
    assert task.findings[0] == child.found[0]
    (crash,) = task.findings[1:]
    assert (crash.check, crash.what, crash.state) == ("doctor", "Diagnostics", BAD)
    assert crash.found == f"crashed with the output: {child.line[:200]}"
    assert crash == crash_finding(child, False)


def test_a_doctor_whose_time_is_up_is_ended(task):
    child = task.child
    child.late = True
    assert task.poll() is None
    assert task.findings[-1] == crash_finding(child, True)
    assert task.findings[-1].found == "timed out"
    assert child.calls == ["start", "stop", "remove_output"]


def test_a_stopped_run_keeps_its_findings_and_is_no_crash(task):
    child = task.child
    task.poll()
    task.stop()
    child.alive = False
    task.poll()
    assert (task.findings, task.report) == (child.found, "")


def test_a_new_run_and_a_disabled_addon_end_the_running_one(task):
    first = task.child
    task.poll()
    task.report = "of an earlier run"
    task.start(CHOSEN)
    assert first.calls == ["start", "stop", "remove_output"]
    assert (task.findings, task.report) == ([], "")
    second = task.child
    task.detach()
    assert second.calls == ["start", "stop", "remove_output"]
    assert task.child is None
    task.detach()
