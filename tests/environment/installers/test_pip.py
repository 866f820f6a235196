# SPDX-License-Identifier: GPL-3.0-or-later
"""pip: its command line, its progress and its failures."""

import sys

import pytest

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.installers.pip import Pip, _shortened, pip_install, run_with_progress
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.paths import worker_python
from blender_text3d.system.run_logged import Log

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script replaces the Python")


@pytest.fixture
def python(tmp_path):
    """The Python of an environment in use, a script that prints its arguments and the text "output"."""
    env_dir = tmp_path / "env"
    env_dir.mkdir()
    write_manifest(env_dir, Manifest("ready", "", "", "1"))
    program = worker_python(env_dir)
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\necho "$@"\ncat "{tmp_path}/output"\nexit $CODE\n')
    program.chmod(0o755)
    (tmp_path / "output").write_text("")
    return program


def test_pip_runs_isolated_and_without_questions_and_bars(python, tmp_path, report, news, monkeypatch):
    monkeypatch.setenv("CODE", "0")
    (tmp_path / "output").write_text("Collecting numpy>=2\n")
    Pip(python, Log(tmp_path / "log")).install(("--no-deps", "numpy>=2"), "the packages", report)
    assert (tmp_path / "log").read_text().splitlines() == [
        f"$ {python} -I -m pip install --no-input --progress-bar off --no-deps numpy>=2",
        "-I -m pip install --no-input --progress-bar off --no-deps numpy>=2",
        "Collecting numpy>=2",
    ]
    assert news == [("Collecting numpy>=2", 2 / 42)]


def test_a_failure_of_pip_names_the_packages_and_its_reason(python, tmp_path, report, monkeypatch):
    monkeypatch.setenv("CODE", "1")
    env_dir = python.parents[2]
    (tmp_path / "output").write_text(f"ERROR: [Errno 28] No space left on device: '{env_dir}/1/x'\n")
    with pytest.raises(SetupFailed, match="Installing PyTorch failed. The disk is full.") as caught:
        Pip(python).install(("torch",), "PyTorch", report)
    assert caught.value.reason == "disk_full"
    (tmp_path / "output").write_text("ERROR: [Errno 28] No space left on device: '/elsewhere/x'\n")
    with pytest.raises(SetupFailed, match="The disk is full: /elsewhere/x."):
        Pip(python).install(("torch",), "PyTorch", report)


def test_the_version_in_use_is_installed_into(python, tmp_path, report, monkeypatch):
    monkeypatch.setenv("CODE", "1")
    (tmp_path / "output").write_text("error: no such thing\n")
    with pytest.raises(SetupFailed, match="Installing the viewer failed. pip reported: error: no such thing"):
        pip_install(python.parents[2], ("rerun",), "the viewer", report)


def test_the_name_of_pip_has_its_version():
    name, version = Pip(sys.executable).name().split(" ")
    assert name == "pip"
    assert int(version.split(".")[0]) > 1


def test_a_share_approaches_one_with_the_lines_and_only_known_lines_are_told(report, news):
    lines = ["Starting", "  Collecting a", "", "Downloading b"]
    command = [sys.executable, "-c", f"print({chr(10).join(lines)!r})"]
    result = run_with_progress(command, Log(), report, ("Collecting", "Downloading"), 2, str.strip)
    assert news == [("Collecting a", 2 / 4), ("Downloading b", 4 / 6)]
    assert (result.code, result.lines) == (0, ["Starting", "  Collecting a", "", "Downloading b"])


def test_variables_and_the_folder_are_those_given(tmp_path, report):
    command = [sys.executable, "-c", "import os; print(os.environ['MINE'], os.getcwd())"]
    result = run_with_progress(command, Log(), report, (), 1, str, variables={"MINE": "x"}, cwd=tmp_path)
    assert result.output == f"x {tmp_path}"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Collecting torch==2.13.0 (from -r x.txt)\n", "Collecting torch==2.13.0"),
        ("  Using cached numpy-2.4-cp311.whl (16 MB)", "Using cached"),
        ("Downloading https://host/path/a%2Bb.whl (1 MB)", "Downloading a%2Bb.whl"),
        ("Processing c:\\kit\\wheels\\a.whl", "Processing a.whl"),
        ("Installing collected packages: a, b", "Installing PyTorch"),
        ("Downloading " + "x" * 100, "Downloading " + "x" * 68),
    ],
)
def test_a_line_is_shortened_to_a_verb_and_a_file(line, told):
    assert _shortened(line, "PyTorch") == told
