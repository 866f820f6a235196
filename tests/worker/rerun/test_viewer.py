# SPDX-License-Identifier: GPL-3.0-or-later
"""The viewer's program, its environment and its command line."""

import importlib.util
import socket
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.worker.rerun import viewer
from blender_text3d.worker.rerun.viewer import (
    Viewer,
    free_port,
    has_display,
    start_viewer,
    viewer_environment,
    viewer_executable,
)


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A worker environment: a function that creates files below it; the wheel's folder may be missing."""

    def create(*names, has_wheel=True, platform="linux"):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("")
        wheel = SimpleNamespace(submodule_search_locations=[str(tmp_path / "rerun_cli")])
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: wheel if has_wheel else None)
        monkeypatch.setattr(viewer, "sys", SimpleNamespace(platform=platform, executable=str(tmp_path / "bin/python")))
        return tmp_path

    return create


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (["rerun_cli/rerun", "bin/rerun"], "rerun_cli/rerun"),
        (["bin/rerun"], "bin/rerun"),
        (["rerun_cli/Rerun.app/Contents/MacOS/Rerun", "rerun_cli/rerun"], "rerun_cli/Rerun.app/Contents/MacOS/Rerun"),
        (["rerun_cli/rerun.exe", "bin/rerun.exe"], None),
        ([], None),
    ],
)
def test_the_binary_of_the_wheel_comes_before_the_script_next_to_python(environment, present, expected):
    folder = environment(*present)
    assert viewer_executable() == (folder / expected if expected else None)


def test_on_windows_programs_end_with_exe(environment):
    folder = environment("rerun_cli/rerun", "bin/rerun.exe", platform="win32")
    assert viewer_executable() == folder / "bin/rerun.exe"


def test_without_the_wheel_the_script_next_to_python_is_used_and_no_folder_is_a_program(environment):
    folder = environment("bin/rerun", has_wheel=False)
    assert viewer_executable() == folder / "bin/rerun"
    (folder / "bin/rerun").unlink()
    (folder / "bin/rerun").mkdir()
    assert viewer_executable() is None


def test_a_viewer_never_reaches_the_internet_and_keeps_other_variables():
    given = {"PATH": "/bin", "http_proxy": "http://real", "HTTPS_PROXY": "http://real", "FORCE_RERUN_ANALYTICS": "1",
             "all_proxy": "x", "no_proxy": "kept", "CI": "false", "NO_PROXY": "example.org"}  # fmt: skip
    closed = "http://127.0.0.1:9"
    assert viewer_environment(given) == {
        "PATH": "/bin", "no_proxy": "kept", "CI": "true", "NO_PROXY": "127.0.0.1,localhost", "HTTP_PROXY": closed,
        "HTTPS_PROXY": closed, "ALL_PROXY": closed,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": "", "WAYLAND_DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("win32", {}, True),
        ("darwin", {}, True),
    ],
)
def test_a_window_needs_a_display_on_linux(monkeypatch, platform, variables, expected):
    monkeypatch.setattr(viewer, "sys", SimpleNamespace(platform=platform))
    assert has_display(variables) is expected


@pytest.mark.parametrize(("platform", "is_session"), [("linux", True), ("win32", False)])
def test_a_viewer_listens_on_this_machine_and_outlives_the_worker(monkeypatch, platform, is_session):
    calls = []
    monkeypatch.setattr(viewer, "sys", SimpleNamespace(platform=platform))
    monkeypatch.setattr(viewer, "free_port", lambda: 4321)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: calls.append((command, options)) or "process")
    started = start_viewer(Path("/env/rerun"))
    assert started == Viewer("process", 4321)
    assert started.address == "rerun+http://127.0.0.1:4321/proxy"
    ((command, options),) = calls
    assert command == [
        "/env/rerun", "--bind", "127.0.0.1", "--port", "4321", "--expect-data-soon", "--hide-welcome-screen",
    ]  # fmt: skip
    assert options["start_new_session"] is is_session
    assert options["env"]["CI"] == "true"
    assert {options[name] for name in ("stdin", "stdout", "stderr")} == {subprocess.DEVNULL}


def test_a_viewer_runs_until_its_process_has_an_exit_code():
    code = [None]
    started = Viewer(SimpleNamespace(poll=lambda: code[0]), 1)
    assert started.is_running()
    code[0] = 0
    assert not started.is_running()


def test_a_free_port_can_be_bound():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
