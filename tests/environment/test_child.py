# SPDX-License-Identifier: GPL-3.0-or-later
import os
import signal
import sys
import time

import pytest

from blender_text3d.environment.child import STALE_AFTER_S, EnvironmentChild
from blender_text3d.environment.progress import Progress, last_progress
from blender_text3d.system import child as child_module


def wait_until_exited(child, seconds=60):
    until = time.monotonic() + seconds
    while child.is_alive() and time.monotonic() < until:
        time.sleep(0.05)
    assert not child.is_alive()


def test_the_child_does_not_import_other_extensions_and_its_last_line_is_read(tmp_path, monkeypatch):
    (tmp_path / "extensions").mkdir()
    (tmp_path / "extensions" / "json.py").write_text("raise RuntimeError('another extension was imported')")
    os.symlink(child_module.PACKAGE, tmp_path / "extensions" / "blender_text3d", target_is_directory=True)
    monkeypatch.setattr(child_module, "PACKAGE", tmp_path / "extensions" / "blender_text3d")
    child = EnvironmentChild(tmp_path / "data" / "env", python="/no/such/python")
    child.start()
    wait_until_exited(child)
    assert child.progress().state == "failed"
    assert "/no/such/python is not a working Python" in child.progress().message


def test_a_stopped_child_exits_and_reports_it(tmp_path):
    child = EnvironmentChild(tmp_path / "env", python=sys.executable, torch="default")
    child.start()
    until = time.monotonic() + 60
    while child.progress().share == 0.0 and time.monotonic() < until:
        time.sleep(0.05)
    child.stop()
    wait_until_exited(child)
    assert child.progress().state == "failed"
    assert "Setup stopped during" in child.progress().message


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a shell script replaces uv")
@pytest.mark.parametrize("is_direct", [False, True], ids=["process group", "process only"])
def test_a_stopped_child_removes_partial_files_and_its_installer_exits(tmp_path, monkeypatch, is_direct):
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
    if is_direct:
        child._process.terminate()
        child._process.wait(timeout=60)
    child.stop()
    assert [path.name for path in (tmp_path / "env").iterdir()] == ["blender_text3d-env.json"]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_child_that_was_not_started_is_not_alive_and_can_be_stopped(tmp_path):
    child = EnvironmentChild(tmp_path / "env")
    child.stop()
    assert not child.is_alive()


def test_two_children_of_one_environment_use_separate_files_and_remove_them(tmp_path):
    one, two = (
        EnvironmentChild(tmp_path / "env", python="/no/one"),
        EnvironmentChild(tmp_path / "env", python="/no/two"),
    )
    one.start()
    wait_until_exited(one)
    two.start()
    wait_until_exited(two)
    assert "/no/one is not a working Python" in one.progress().message
    assert "/no/two is not a working Python" in two.progress().message
    assert two.progress().state == "failed"
    assert not list(tmp_path.glob("*.jsonl"))


def test_the_output_of_a_child_may_be_removed_early(tmp_path):
    child = EnvironmentChild(tmp_path / "env", python="/no/such/python")
    child.start()
    child.output.unlink()
    wait_until_exited(child)
    assert child.progress().state == "failed"


def test_stale_output_files_are_removed_and_recent_ones_kept(tmp_path):
    long_ago = time.time() - 2 * STALE_AFTER_S
    for name in ("env.setup.jsonl", "env.setup-1-a.jsonl", "env.setup-2-b.jsonl"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, times=(long_ago, time.time() if name == "env.setup-2-b.jsonl" else long_ago))
    child = EnvironmentChild(tmp_path / "env", "check")
    child.start()
    wait_until_exited(child)
    child.progress()
    assert [path.name for path in tmp_path.glob("*.jsonl")] == ["env.setup-2-b.jsonl"]


@pytest.mark.skipif(sys.platform == "win32", reason="another signal there")
def test_a_child_that_ignores_stop_does_not_block_and_is_killed_later(tmp_path, monkeypatch):
    monkeypatch.setattr(child_module, "EXIT_WITHIN_S", 0.05)
    child = child_module.Child(sys.executable, "environment", [], tmp_path / "output")
    ignoring = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
    )
    child._command = [sys.executable, "-c", ignoring]
    child.start()
    until = time.monotonic() + 60
    while not child.output.read_text() and time.monotonic() < until:
        time.sleep(0.01)
    child.stop()
    child.stop()
    assert child.is_alive()
    child._kill_at_s = time.monotonic() - 1
    wait_until_exited(child)
    assert child._process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("tail", ["", '{"message": "half wr', "Traceback (most recent call last):\n"])
def test_the_last_complete_line_counts(tail):
    lines = [Progress("one", 0.1), Progress("two", 0.2)]
    assert last_progress("".join(line.to_json() + "\n" for line in lines) + tail) == lines[-1]


def test_there_is_no_progress_before_the_first_line():
    assert last_progress("") is None
