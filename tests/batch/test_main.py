# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m blender_text3d.batch: what an installed add-on has, without scripts/."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from blender_text3d.batch import __main__
from blender_text3d.batch.__main__ import main
from scripts.build_extension import build
from tests.worker.scripted_python import WITH_SCRIPTED_ENGINE, scripted_python

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that has the package of an extension's zip, and nothing else of this repository."""
    folder = tmp_path_factory.mktemp("extensions")
    with zipfile.ZipFile(build(folder / "dist")) as archive:
        archive.extractall(folder / "blender_text3d")
    return folder


def test_an_installed_add_on_makes_a_chunk(installed, tmp_path):
    (tmp_path / "chunk.jsonl").write_text('{"prompt": "a red chair"}\n')
    worker = WITH_SCRIPTED_ENGINE.replace("\nfrom", f"\nsys.path.append({str(REPOSITORY)!r})\nfrom")
    python = scripted_python(tmp_path, worker)
    command = [sys.executable, "-m", "blender_text3d.batch"]
    command += ["--jobs", tmp_path / "chunk.jsonl", "--out", tmp_path / "out", "--json", "--python", python]
    process = subprocess.run(command, cwd=installed, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)["state"] == "made"


def test_a_python_without_the_packages_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(__main__, "REQUIRED_MODULES", ("no_such_package",))
    assert main(["--jobs", str(tmp_path / "x"), "--out", str(tmp_path / "out")]) == 2
    assert f"{sys.executable} has no package no_such_package." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_terminals_door_starts_the_same_command_in_the_workers_python(tmp_path):
    (tmp_path / "chunk.jsonl").write_text('{"prompt": "a red chair"}\n')
    recorder = scripted_python(tmp_path, "import json, sys\nprint(json.dumps(sys.argv))\nsys.exit(5)\n")
    options = ["--jobs", tmp_path / "chunk.jsonl", "--out", tmp_path / "out", "--python", recorder]
    code = "import sys; from scripts import generate; from scripts.cli import chunk_door; "
    code += "chunk_door.REQUIRED_MODULES = ('no_such_package',); sys.exit(generate.main(sys.argv[1:]))"
    process = subprocess.run([sys.executable, "-c", code, *options], cwd=REPOSITORY, capture_output=True, text=True)
    assert process.returncode == 5, process.stderr
    arguments = json.loads(process.stdout)
    assert arguments[-7:] == ["blender_text3d.batch", *map(str, options)]
