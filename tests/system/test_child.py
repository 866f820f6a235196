# SPDX-License-Identifier: GPL-3.0-or-later
"""A child process: its command, its output file, and how it is stopped. Signals and the clock are simulated."""

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from blender_text3d.system import child as child_module
from blender_text3d.system.child import Child


class Process:
    """A process that exits when the test says so."""

    def __init__(self, command, **options):
        self.command, self.options, self.pid, self.returncode = command, options, 4242, None
        self.waits: list[float] = []
        self.signals: list[object] = []

    def poll(self):
        return self.returncode

    def wait(self, timeout):
        self.waits.append(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self.command, timeout)

    def kill(self):
        self.signals.append("kill")

    def send_signal(self, number):
        self.signals.append(number)


@pytest.fixture
def clock(monkeypatch):
    """Seconds, set by the test."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(child_module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.fixture
def sent(monkeypatch):
    """Signals to process groups, as (group, signal)."""
    sent = []
    monkeypatch.setattr(child_module.os, "killpg", lambda *arguments: sent.append(arguments))
    return sent


@pytest.fixture
def child(tmp_path, monkeypatch, clock, sent):
    """A started child whose process is simulated."""
    monkeypatch.setattr(child_module.subprocess, "Popen", Process)
    child = Child("python", "module", ["--argument"], tmp_path / "logs" / "child.log")
    child.start()
    return child


def test_a_child_runs_a_module_with_its_output_in_a_file_and_no_input(tmp_path, monkeypatch):
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "say.py").write_text(
        "import os, sys\n"
        "print(sys.argv[1:], os.environ['EXTRA'], repr(sys.stdin.read()), sys.flags.isolated, flush=True)\n"
        "print(os.getpgrp() == os.getpid(), sys.dont_write_bytecode, file=sys.stderr)\n"
        "sys.exit(3)\n"
    )
    monkeypatch.setattr(child_module, "PACKAGE", package)
    child = Child(sys.executable, "say", ["a", "b c"], tmp_path / "new" / "child.log", {"EXTRA": "added"})
    assert not (tmp_path / "new").exists()
    child.start()
    child._process.wait()
    assert child.exit_code() == 3
    assert child.output.read_text() == "['a', 'b c'] added '' 1\nTrue True\n"
    assert not (package / "__pycache__").exists()


def test_a_child_that_was_not_started_has_no_exit_code_and_can_be_stopped(tmp_path):
    child = Child("python", "module", [], tmp_path / "child.log")
    child.stop()
    child.remove_output()
    assert (child.is_alive(), child.exit_code()) == (False, None)


def test_a_running_child_has_no_exit_code(child):
    assert (child.is_alive(), child.exit_code()) == (True, None)
    child._process.returncode = 0
    assert (child.is_alive(), child.exit_code()) == (False, 0)


def test_stopping_asks_the_group_once_and_waits_for_a_second_each_time(child, sent):
    child.stop()
    child.stop()
    assert sent == [(4242, signal.SIGTERM)]
    assert child._process.waits == [1.0, 1.0]


def test_a_child_that_has_exited_is_not_asked(child, sent):
    child._process.returncode = 0
    child.stop()
    assert (sent, child._process.waits) == ([], [])


def test_a_child_that_was_asked_is_killed_after_twenty_seconds(child, clock, sent):
    clock.now += 100
    assert child.is_alive()
    child.stop()
    clock.now += 19.9
    child.stop()
    assert child.is_alive()
    assert sent == [(4242, signal.SIGTERM)]
    clock.now += 0.2
    assert child.is_alive()
    assert sent == [(4242, signal.SIGTERM), (4242, signal.SIGKILL)]


def test_if_its_group_cannot_be_reached_the_process_is_killed(child, monkeypatch):
    def refuse(*_):
        raise ProcessLookupError

    monkeypatch.setattr(child_module.os, "killpg", refuse)
    child.stop()
    assert child._process.signals == ["kill"]


def test_on_windows_a_child_gets_control_break_and_is_then_killed(child, clock, sent, monkeypatch):
    monkeypatch.setattr(child_module, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(child_module.signal, "CTRL_BREAK_EVENT", "break", raising=False)
    child.stop()
    assert child._process.signals == ["break"]
    clock.now += 21
    child.is_alive()
    assert child._process.signals == ["break", "kill"]
    assert sent == []


def test_on_windows_a_child_starts_in_a_new_group_by_a_flag(tmp_path, monkeypatch):
    monkeypatch.setattr(child_module.subprocess, "Popen", Process)
    monkeypatch.setattr(child_module, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(child_module, "NEW_GROUP_FLAGS", 512)
    child = Child("python", "module", [], tmp_path / "child.log")
    child.start()
    options = child._process.options
    assert (options["creationflags"], options["start_new_session"]) == (512, False)


def test_a_child_gets_a_clean_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/other/modules")
    monkeypatch.setenv("EXTRA", "of this process")
    monkeypatch.setattr(child_module.subprocess, "Popen", Process)
    child = Child("python", "module", [], tmp_path / "child.log", {"EXTRA": "added"})
    child.start()
    environment = child._process.options["env"]
    assert "PYTHONPATH" not in environment
    assert environment["EXTRA"] == "added"
    assert environment["PATH"] == os.environ["PATH"]


def test_the_output_starts_empty_and_can_be_removed(child):
    child.output.write_text("earlier")
    child.start()
    assert child.output.read_text() == ""
    child.remove_output()
    assert not child.output.exists()
    child.remove_output()
