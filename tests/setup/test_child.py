# SPDX-License-Identifier: GPL-3.0-or-later
import os
import sys
import time

import pytest

from blender_text3d.setup import child as child_module
from blender_text3d.setup.child import SetupChild
from blender_text3d.setup.progress import Progress, newest_progress


def wait_until_ended(child, seconds=60):
    until = time.monotonic() + seconds
    while child.is_alive() and time.monotonic() < until:
        time.sleep(0.05)
    assert not child.is_alive()


def test_the_child_runs_beside_other_extensions_and_its_last_word_is_read(tmp_path, monkeypatch):
    (tmp_path / "extensions").mkdir()
    (tmp_path / "extensions" / "json.py").write_text("raise RuntimeError('a neighbour was imported')")
    os.symlink(child_module.PACKAGE, tmp_path / "extensions" / "blender_text3d", target_is_directory=True)
    monkeypatch.setattr(child_module, "PACKAGE", tmp_path / "extensions" / "blender_text3d")
    child = SetupChild(tmp_path / "data" / "env", python="/no/such/python")
    child.start()
    wait_until_ended(child)
    assert child.progress().state == "failed" and "/no/such/python is not a Python" in child.progress().message


def test_stopping_the_child_ends_it_and_says_so(tmp_path):
    child = SetupChild(tmp_path / "env", python=sys.executable, torch="default")
    child.start()
    until = time.monotonic() + 60
    while child.progress().share == 0.0 and time.monotonic() < until:
        time.sleep(0.05)
    child.stop()
    assert not child.is_alive()
    assert child.progress().state == "failed" and "stopped after" in child.progress().message


def test_a_child_never_started_is_not_alive_and_may_be_stopped(tmp_path):
    child = SetupChild(tmp_path / "env")
    child.stop()
    assert not child.is_alive()


@pytest.mark.parametrize("tail", ["", '{"message": "half wr', "Traceback (most recent call last):\n"])
def test_the_newest_whole_line_counts(tail):
    lines = [Progress("one", 0.1), Progress("two", 0.2)]
    assert newest_progress("".join(line.to_json() + "\n" for line in lines) + tail) == lines[-1]


def test_before_the_first_line_there_is_no_news():
    assert newest_progress("") is None
