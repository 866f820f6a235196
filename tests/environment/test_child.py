# SPDX-License-Identifier: GPL-3.0-or-later
"""A child that acts on the environment: how it is started, followed and stopped."""

import os
import re
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from blender_text3d.environment import child as environment_child
from blender_text3d.environment.child import STALE_AFTER_S, EnvironmentChild, remove_stale_files
from blender_text3d.environment.progress import Progress
from blender_text3d.system import child as child_module


def wait_until_exited(child, seconds=600):
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
    until = time.monotonic() + 600
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
    until = time.monotonic() + 600
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    assert (tmp_path / "env" / "1").is_dir()
    if is_direct:
        child._process.terminate()
        child._process.wait(timeout=60)
    child.stop()
    assert [path.name for path in (tmp_path / "env").iterdir()] == ["blender_text3d-env.json"]
    installer = int((tmp_path / "pid").read_text())
    until = time.monotonic() + 600
    while psutil.pid_exists(installer):  # a moment longer, until somebody has asked for its exit code
        assert time.monotonic() < until
        time.sleep(0.05)


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
    until = time.monotonic() + 600
    while not child.output.read_text() and time.monotonic() < until:
        time.sleep(0.01)
    child.stop()
    child.stop()
    assert child.is_alive()
    child._kill_at_s = time.monotonic() - 1
    wait_until_exited(child)
    assert child._process.returncode == -signal.SIGKILL


def options_of(child) -> list[str]:
    """Return the part of a child's command line after the module's name."""
    module = next(index for index, word in enumerate(child._command) if word.startswith("blender_text3d."))
    return child._command[module:]


def test_a_child_runs_this_python_with_the_choices_that_were_made(tmp_path):
    child = EnvironmentChild(tmp_path / "env", "renew", python="/p", torch="own", torch_index="/wheels", kit="/kit")
    assert child._command[:3] == [sys.executable, "-I", "-B"]
    assert options_of(child) == [
        "blender_text3d.environment", "renew", "--env", str(tmp_path / "env"), "--torch", "own", "--python", "/p",
        "--torch-index", "/wheels", "--kit", "/kit",
    ]  # fmt: skip


def test_without_choices_a_child_makes_the_automatic_build(tmp_path):
    assert options_of(EnvironmentChild(tmp_path / "env")) == [
        "blender_text3d.environment", "make", "--env", str(tmp_path / "env"), "--torch", "auto",
    ]  # fmt: skip


def test_the_output_lies_next_to_the_environment_under_a_name_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for env_dir in (tmp_path / "env", Path("env")):
        output = EnvironmentChild(env_dir).output
        assert output.parent == tmp_path
        assert re.fullmatch(rf"env\.setup-{os.getpid()}-[0-9a-f]{{8}}\.jsonl", output.name)


@pytest.fixture
def child(tmp_path, monkeypatch):
    """A child whose process and output are set by a test."""
    child = EnvironmentChild(tmp_path / "env")
    child.is_running = True
    monkeypatch.setattr(child, "is_alive", lambda: child.is_running)
    child.tell = lambda *lines: child.output.write_text("".join(line.to_json() + "\n" for line in lines))
    return child


def test_a_running_child_tells_its_last_line_whatever_its_state(child):
    assert child.progress() == Progress("Starting")
    child.tell(Progress("One", 0.1), Progress("Two", 0.2))
    assert child.progress() == Progress("Two", 0.2)
    child.tell(Progress("Two", 0.2), Progress("Done", 1.0, "ready"))
    assert child.progress() == Progress("Done", 1.0, "ready")
    assert child.output.exists()


@pytest.mark.parametrize("last", [Progress("Done", 1.0, "ready"), Progress("Broke", 0.4, "failed", "Mend it.")])
def test_the_last_line_of_a_child_that_has_exited_is_kept_and_its_file_removed(child, last):
    child.tell(Progress("One", 0.1), last)
    child.is_running = False
    assert child.progress() == last
    assert not child.output.exists()
    assert child.progress() == last


def test_a_child_that_exits_without_a_last_line_has_failed_where_it_was(child):
    child.tell(Progress("Installing PyTorch", 0.4, done_bytes=7))
    child.is_running = False
    failed = Progress("Setup stopped during: Installing PyTorch.", 0.4, "failed", "Start it again.")
    assert child.progress() == child.progress() == failed


def test_a_child_that_is_started_again_forgets_its_last_result(child, monkeypatch):
    child.is_running = False
    assert child.progress().message == "Setup stopped during: Starting."
    monkeypatch.setattr(child_module.Child, "start", lambda self: None)
    child.start()
    child.is_running = True
    assert child.progress() == Progress("Starting")


def test_only_output_files_older_than_an_hour_are_stale(tmp_path, monkeypatch):
    assert STALE_AFTER_S == 3600.0
    monkeypatch.setattr(environment_child, "time", SimpleNamespace(time=lambda: 10_000.0))
    for name, time_s in (("a.jsonl", 6400.0), ("b.jsonl", 6399.0), ("b.txt", 0.0), ("c.jsonl", 10_500.0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0.0, time_s))
    (tmp_path / "d.jsonl").mkdir()
    os.utime(tmp_path / "d.jsonl", (0.0, 0.0))  # cannot be removed, which is ignored
    remove_stale_files(tmp_path, "*.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "b.txt", "c.jsonl", "d.jsonl"]


def test_output_of_another_environment_is_not_stale(tmp_path, monkeypatch):
    for name in ("env.setup-1-a.jsonl", "other.setup-1-a.jsonl", "env.jsonl"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0.0, 0.0))
    monkeypatch.setattr(child_module.Child, "start", lambda self: None)
    EnvironmentChild(tmp_path / "env").start()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["env.jsonl", "other.setup-1-a.jsonl"]
