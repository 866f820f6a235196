# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment's files, the Python that runs the checks, and a setup that hangs."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.doctor.checks import environment
from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding
from blender_text3d.environment.check import CREATE
from blender_text3d.environment.lock import hold_lock, lock_path
from blender_text3d.environment.paths import log_path


@pytest.mark.parametrize(
    ("version", "state"), [((3, 11, 0), GOOD), ((3, 10, 14), BAD), ((3, 14, 1), GOOD), ((4, 0, 0), GOOD)]
)
@pytest.mark.parametrize(("blender", "what"), [({}, "This Python"), ({"version": "5.2"}, "Blender's Python")])
def test_the_checks_need_python_3_11(version, state, blender, what, bare, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (*version, "final", 0))
    assert list(environment.this_python(replace(bare, blender=blender))) == [
        Finding("python", what, state, ".".join(map(str, version)), "3.11 or newer",
                "Run this with Python 3.11 or newer.")
    ]  # fmt: skip


WANTED = "created by setup for this version of the add-on"


def test_a_missing_environment_is_told_without_a_second_period_and_with_its_button(bare):
    assert list(environment.environment(bare)) == [
        Finding("environment", "Environment", BAD, "Setup has not been run yet", WANTED, CREATE, "setup")
    ]


def test_a_ready_environment_is_good(bare, monkeypatch):
    monkeypatch.setattr(environment, "find_problems", lambda env_dir: [])
    assert list(environment.environment(bare)) == [
        Finding("environment", "Environment", GOOD, f"ready in {bare.env_dir}", WANTED)
    ]


def test_an_override_is_checked_instead_of_the_environment(bare, tmp_path):
    fix = "Change Python Override in the preferences, or clear it and press Set Up."
    for python in (tmp_path / "gone", tmp_path):
        assert list(environment.environment(replace(bare, own_python=python))) == [
            Finding("environment", "Environment", BAD, f"{python} does not exist", "an existing Python", fix,
                    "preferences")
        ]  # fmt: skip
    python = Path(sys.executable)
    assert list(environment.environment(replace(bare, own_python=python))) == [
        Finding("environment", "Environment", GOOD, f"Python override {python}", "an existing Python")
    ]


def test_set_up_is_offered_unless_it_would_fail_at_once(bare):
    assert environment.create_button(bare.env_dir) == "setup"
    bare.env_dir.mkdir(parents=True)
    assert environment.create_button(bare.env_dir) == "setup"
    (bare.env_dir / "thesis.txt").touch()
    assert environment.create_button(bare.env_dir) == "preferences"
    with hold_lock(bare.env_dir):
        assert environment.create_button(bare.env_dir) == ""


def locked(bare, silent_s, monkeypatch) -> Finding:
    monkeypatch.setattr(environment, "time", SimpleNamespace(time=lambda: 5000.0 + silent_s))
    os.utime(bare.env_dir, (5000.0, 5000.0))
    (finding,) = environment.lock(bare)
    assert (finding.check, finding.what) == ("lock", "Setup lock")
    assert finding.wanted == "free, or held by a running setup"
    return finding


@pytest.mark.parametrize(("silent_s", "state"), [(0.0, WARN), (899.0, WARN), (900.0, BAD), (3600.0, BAD)])
def test_a_setup_hangs_after_15_minutes_without_output(silent_s, state, bare, monkeypatch):
    bare.env_dir.mkdir(parents=True)
    with hold_lock(bare.env_dir):
        found = locked(bare, silent_s, monkeypatch)
    assert found.state == state
    if state == BAD:
        assert found.found == f"held by a process without output for {silent_s / 60:.0f} minutes"
        assert found.button == "repair"
        assert found.fix == (
            "End that process (a Python that runs the setup), or restart the machine, and press Check and Repair."
        )
    else:
        assert found.found == "locked: another process is creating the environment"
        assert (found.fix, found.button) == ("Wait until it is done.", "")


def test_a_free_lock_is_good_and_an_override_needs_none(bare, monkeypatch):
    bare.env_dir.mkdir(parents=True)
    lock_path(bare.env_dir).write_text("123\n")
    found = locked(bare, 9999.0, monkeypatch)
    assert (found.state, found.found, found.fix) == (GOOD, "free", "")
    with hold_lock(bare.env_dir):
        assert list(environment.lock(replace(bare, own_python=Path("/p")))) == []


def test_the_newest_of_the_setups_own_files_is_its_last_activity(bare):
    assert environment.last_activity_s(bare.env_dir) == 0.0
    bare.env_dir.mkdir(parents=True)
    times = {bare.env_dir: 10.0, log_path(bare.env_dir): 30.0, bare.env_dir.with_name("worker-env.setup-1.jsonl"): 20.0,
             lock_path(bare.env_dir): 90.0, bare.env_dir.with_name("jobs"): 95.0}  # fmt: skip
    for path, time_s in times.items():
        path.touch()
        os.utime(path, (time_s, time_s))
    bare.env_dir.with_name("worker-env.gone").symlink_to("nowhere")
    assert environment.last_activity_s(bare.env_dir) == 30.0
