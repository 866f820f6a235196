# SPDX-License-Identifier: GPL-3.0-or-later
import os
from pathlib import Path

from blender_text3d.environment import paths
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.paths import default_jobs_dir, venv_python, worker_env_dir, worker_python
from blender_text3d.system.user_folders import (
    data_dir,
    default_data_dir,
    default_weights_dir,
    remember_data_dir,
)
from blender_text3d.worker import run_from_copy


def test_everything_lies_below_the_folder_that_the_variable_names(tmp_path, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path))
    assert data_dir() == tmp_path
    assert default_jobs_dir().parent == worker_env_dir().parent == tmp_path
    assert data_dir() / run_from_copy.FOLDER == paths.worker_code_dir() == tmp_path / "worker-code"


def test_without_the_variable_the_folder_lies_in_the_users_own_data(tmp_path, monkeypatch):
    monkeypatch.delenv("BLENDER_TEXT3D_HOME", raising=False)
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    assert tmp_path in data_dir().parents
    assert data_dir().name == "blender_text3d"
    assert data_dir().is_absolute()
    assert isinstance(data_dir(), Path)


def test_a_folder_that_was_moved_is_found_by_all_and_the_way_back_too(tmp_path, monkeypatch):
    for name in ("BLENDER_TEXT3D_HOME", "BLENDER_TEXT3D_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "user"))
    remember_data_dir(tmp_path / "big disk")
    assert data_dir() == worker_env_dir().parent == default_weights_dir().parent == tmp_path / "big disk"
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "named"))
    assert data_dir() == default_weights_dir().parent == tmp_path / "named"
    monkeypatch.delenv("BLENDER_TEXT3D_HOME")
    remember_data_dir(default_data_dir())
    assert data_dir() == default_weights_dir().parent == default_data_dir()


def test_the_folders_have_the_names_that_older_versions_created(tmp_path, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path))
    assert default_jobs_dir() == tmp_path / "jobs"
    assert worker_env_dir() == tmp_path / "worker-env"
    assert paths.worker_code_dir() == tmp_path / "worker-code"


def test_the_log_lies_next_to_the_environment_and_not_in_it():
    assert paths.log_path(Path("/data/worker-env")) == Path("/data/worker-env.setup.log")
    assert paths.log_path(Path("/data/py3.11")) == Path("/data/py3.11.setup.log")


def test_a_virtual_environment_has_its_python_in_another_folder_on_windows(monkeypatch):
    folder = Path("/env/1")
    monkeypatch.setattr(os, "name", "posix")
    assert paths.venv_python(folder) == folder / "bin" / "python"
    monkeypatch.setattr(os, "name", "nt")
    assert str(paths.venv_python(folder)).replace("\\", "/") == "/env/1/Scripts/python.exe"


def test_the_workers_python_is_that_of_the_version_in_use_whether_or_not_it_exists(tmp_path):
    assert worker_python(tmp_path) == venv_python(tmp_path)
    write_manifest(tmp_path, Manifest("making", "", "", "7"))
    assert worker_python(tmp_path) == venv_python(tmp_path / "7")
    write_manifest(tmp_path, Manifest("making", "", "", ""))
    assert worker_python(tmp_path) == venv_python(tmp_path)
