# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of the machine and of the jobs folder's disk, and the path limit of Windows."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.doctor.checks import clock_and_paths
from blender_text3d.doctor.checks.clock_and_paths import clock, long_paths, write_time
from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding
from blender_text3d.system.child import PACKAGE

INSTALLED_S = (PACKAGE / "__init__.py").stat().st_mtime
SET_CLOCK = "Set the clock: with a wrong one, certificates seem invalid and downloads fail."
CHOOSE_DISK = "Choose a data folder on a disk of this machine, or set the server's clock."


@pytest.fixture
def disk(monkeypatch):
    """A disk whose clock differs from this machine's by `skew_s`; the folders that were written."""
    disk = SimpleNamespace(skew_s=0.0, folders=[])
    monkeypatch.setattr(clock_and_paths, "time", SimpleNamespace(time=lambda: INSTALLED_S + 100.0))
    monkeypatch.setattr(
        clock_and_paths, "write_time",
        lambda folder: disk.folders.append(folder) or INSTALLED_S + 100.0 + disk.skew_s,
    )  # fmt: skip
    return disk


def only(findings) -> Finding:
    (finding,) = findings
    return finding


@pytest.mark.parametrize(("days", "state"), [(1.0, GOOD), (1.001, BAD), (40.0, BAD), (-400.0, GOOD)])
def test_a_clock_may_be_up_to_a_day_before_the_installation(days, state, bare, disk):
    found = only(clock(bare, now_s=INSTALLED_S - days * 86_400))
    assert (found.check, found.what, found.wanted, found.state) == ("clock", "Clock", "the correct time", state)
    if state == BAD:
        assert found.found == f"{days:.0f} days before the add-on was installed"
        assert (found.fix, found.button) == (SET_CLOCK, "")


@pytest.mark.parametrize(
    ("skew_s", "state"), [(0.0, GOOD), (10.0, GOOD), (-10.0, GOOD), (10.1, WARN), (-10.1, WARN), (3600.0, WARN)]
)
def test_a_disk_may_differ_by_ten_seconds_in_both_directions(skew_s, state, bare, disk):
    disk.skew_s = skew_s
    found = only(clock(bare))
    assert found.state == state
    assert disk.folders == [bare.data_dir.parent]  # the nearest folder that exists
    if state == WARN:
        assert found.found == f"the jobs folder's disk is {abs(skew_s):.0f} s off"
        assert (found.fix, found.button) == (CHOOSE_DISK, "preferences")
    else:
        assert (found.found, found.fix) == ("plausible", "")


def test_the_time_of_a_written_file_is_the_disks_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(clock_and_paths.os, "stat", lambda path, **_: SimpleNamespace(st_mtime=5.0, at=path))
    assert write_time(tmp_path) == 5.0
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_has_this_machines_time(tmp_path, disk, monkeypatch):
    assert write_time(tmp_path / "nowhere") == INSTALLED_S + 100.0


@pytest.mark.parametrize(
    ("longer", "has_long_paths", "state", "suffix"),
    [(0, False, GOOD, ""), (1, False, BAD, ""), (1, True, GOOD, ", long paths are enabled"),
     (0, True, GOOD, ", long paths are enabled")],
)  # fmt: skip
def test_windows_allows_86_characters_or_long_paths(longer, has_long_paths, state, suffix, bare):
    env_dir = Path("/" + "x" * (85 + longer))
    found = only(long_paths(replace(bare, env_dir=env_dir), True, has_long_paths))
    assert (found.check, found.what, found.button) == ("long_paths", "Path length", "preferences")
    assert (found.state, found.found) == (state, f"{86 + longer} characters{suffix}")
    assert found.wanted == "at most 86 characters, or long paths enabled"
    assert found.fix == "Choose a shorter data folder, such as C:\\text3d, or enable long paths in Windows."


def test_the_system_and_its_setting_are_looked_up_unless_given(bare, monkeypatch):
    monkeypatch.setattr(clock_and_paths, "windows_has_long_paths", lambda: True)
    monkeypatch.setattr(os, "name", "posix")
    assert list(long_paths(bare)) == []
    assert list(long_paths(bare, is_windows=False, has_long_paths=False)) == []
    monkeypatch.setattr(os, "name", "nt")
    assert "long paths are enabled" in only(long_paths(bare)).found


@pytest.mark.skipif(sys.platform == "win32", reason="another module stands in for the registry")
@pytest.mark.parametrize(("value", "expected"), [(1, True), (0, False), (None, False)])
def test_long_paths_are_enabled_in_the_registry(value, expected, monkeypatch):
    class Key:
        def __init__(self, root, path):
            assert (root, path) == ("machine", r"SYSTEM\CurrentControlSet\Control\FileSystem")

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    def query(key, name):
        assert name == "LongPathsEnabled"
        if value is None:
            raise FileNotFoundError
        return value, 4

    registry = SimpleNamespace(HKEY_LOCAL_MACHINE="machine", OpenKey=Key, QueryValueEx=query)
    monkeypatch.setitem(sys.modules, "winreg", registry)
    assert not clock_and_paths.windows_has_long_paths()
    monkeypatch.setattr(sys, "platform", "win32")
    assert clock_and_paths.windows_has_long_paths() is expected
