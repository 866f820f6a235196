# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the worker of an installed package runs: in a copy, or in place if none can be made."""

import os
import sys
from pathlib import Path

import pytest

from blender_text3d.worker import run_from_copy

PACKAGE = Path(run_from_copy.__file__).parents[1]


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    """Settings of this process that the tests change."""
    folder = os.getcwd()
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    os.chdir(folder)


@pytest.fixture
def ran(monkeypatch):
    """Replace running the worker by a list of the folders it would run from."""
    folders = []
    monkeypatch.setattr(run_from_copy, "run_from", lambda parent: folders.append((parent, sys.dont_write_bytecode)))
    return folders


def test_the_worker_runs_from_a_copy_in_the_data_folder_and_may_write_bytecode_there(ran, monkeypatch, tmp_path):
    made = []
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path))
    monkeypatch.setattr(run_from_copy, "ensure_copy", lambda *arguments: made.append(arguments) or tmp_path / "copy")
    run_from_copy.main()
    assert made == [(PACKAGE, tmp_path / "worker-code")]
    assert ran == [(tmp_path / "copy", False)]


def test_without_a_copy_the_worker_runs_in_place_without_bytecode_and_says_so(ran, monkeypatch, capsys):
    def fail(*_):
        raise OSError("no space")

    monkeypatch.setattr(run_from_copy, "ensure_copy", fail)
    run_from_copy.main()
    assert ran == [(PACKAGE.parent, True)]
    assert capsys.readouterr().err == (
        "The worker runs from the add-on's own folder, which cannot be copied (no space).\n"
    )


def test_the_running_package_is_unloaded_and_its_folder_no_longer_searched(monkeypatch, tmp_path):
    ran = []
    names = ("blender_text3d", "blender_text3d.worker", "blender_text3d_other", "json")
    modules = {name: object() for name in names}
    monkeypatch.setattr(run_from_copy.sys, "modules", modules)
    monkeypatch.setattr(sys, "path", [str(PACKAGE.parent), "/packages", os.getcwd()])

    class Worker:
        @staticmethod
        def run():
            ran.append((list(modules), list(sys.path), Path.cwd()))

    def import_module(name):
        assert name == "blender_text3d.worker.__main__"
        return Worker

    monkeypatch.setattr(run_from_copy, "import_module", import_module)
    run_from_copy.run_from(tmp_path)
    assert ran == [(["blender_text3d_other", "json"], ["/packages", str(tmp_path)], tmp_path)]
