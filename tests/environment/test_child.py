# SPDX-License-Identifier: GPL-3.0-or-later
import os
import signal
import sys
import time

import pytest

from blender_text3d.environment.child import EnvironmentChild
from blender_text3d.environment.progress import Progress, last_progress
from blender_text3d.system import child as child_module


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
    child = EnvironmentChild(tmp_path / "data" / "env", python="/no/such/python")
    child.start()
    wait_until_ended(child)
    assert child.progress().state == "failed" and "/no/such/python is not a Python" in child.progress().message


def test_stopping_the_child_ends_it_and_says_so(tmp_path):
    child = EnvironmentChild(tmp_path / "env", python=sys.executable, torch="default")
    child.start()
    until = time.monotonic() + 60
    while child.progress().share == 0.0 and time.monotonic() < until:
        time.sleep(0.05)
    child.stop()
    wait_until_ended(child)
    assert child.progress().state == "failed" and "stopped after" in child.progress().message


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for uv")
@pytest.mark.parametrize("is_alone", [False, True], ids=["its group is stopped", "it alone is stopped"])
def test_a_stopped_child_clears_away_what_it_half_made_and_its_installer_ends(tmp_path, monkeypatch, is_alone):
    uv = tmp_path / "uv"
    install = f"echo $$ > {tmp_path}/pid; exec sleep 600"
    uv.write_text(f'#!/bin/sh\ncase "$1" in --version) echo "uv 9.9.9";; *) {install};; esac\n')
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.delenv("BLENDER_TEXT3D_INSTALLER", raising=False)
    monkeypatch.setattr("blender_text3d.system.child.EXIT_WITHIN_S", 60)
    child = EnvironmentChild(tmp_path / "env", python=sys.executable, torch="cpu")
    child.start()
    until = time.monotonic() + 60
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    assert (tmp_path / "env" / "1").is_dir()
    if is_alone:
        child._process.terminate()
        child._process.wait(timeout=60)
    child.stop()
    assert [path.name for path in (tmp_path / "env").iterdir()] == ["blender_text3d-env.json"]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_child_never_started_is_not_alive_and_may_be_stopped(tmp_path):
    child = EnvironmentChild(tmp_path / "env")
    child.stop()
    assert not child.is_alive()


def test_two_children_of_one_environment_do_not_disturb_each_other_and_leave_nothing(tmp_path):
    one, two = (
        EnvironmentChild(tmp_path / "env", python="/no/one"),
        EnvironmentChild(tmp_path / "env", python="/no/two"),
    )
    one.start()
    wait_until_ended(one)
    two.start()
    wait_until_ended(two)
    assert "/no/one is not a Python" in one.progress().message
    assert "/no/two is not a Python" in two.progress().message and two.progress().state == "failed"
    assert not list(tmp_path.glob("*.jsonl"))


def test_what_a_child_said_may_vanish(tmp_path):
    child = EnvironmentChild(tmp_path / "env", python="/no/such/python")
    child.start()
    child.output.unlink()
    wait_until_ended(child)
    assert child.progress().state == "failed"


def test_what_was_left_unread_long_ago_goes_and_what_another_blender_may_read_stays(tmp_path):
    long_ago = time.time() - 2 * child_module.STALE_AFTER_S
    for name in ("env.setup.jsonl", "env.setup-1-a.jsonl", "env.setup-2-b.jsonl"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, times=(long_ago, time.time() if name == "env.setup-2-b.jsonl" else long_ago))
    child = EnvironmentChild(tmp_path / "env", "check")
    child.start()
    wait_until_ended(child)
    child.progress()
    assert [path.name for path in tmp_path.glob("*.jsonl")] == ["env.setup-2-b.jsonl"]


@pytest.mark.skipif(sys.platform == "win32", reason="another signal there")
def test_a_child_that_does_not_end_when_it_is_asked_holds_nobody_up_and_is_killed_later(tmp_path, monkeypatch):
    monkeypatch.setattr(child_module, "RETRY_FOR_S", 0.05)
    child = child_module.Child(sys.executable, "environment", [], tmp_path / "said")
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    child._command = [sys.executable, "-c", deaf]
    child.start()
    until = time.monotonic() + 60
    while not child.output.read_text() and time.monotonic() < until:
        time.sleep(0.01)
    child.stop()
    child.stop()
    assert child.is_alive()
    child._kill_at_s = time.monotonic() - 1
    wait_until_ended(child)
    assert child._process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("tail", ["", '{"message": "half wr', "Traceback (most recent call last):\n"])
def test_the_newest_whole_line_counts(tail):
    lines = [Progress("one", 0.1), Progress("two", 0.2)]
    assert last_progress("".join(line.to_json() + "\n" for line in lines) + tail) == lines[-1]


def test_before_the_first_line_there_is_no_news():
    assert last_progress("") is None
