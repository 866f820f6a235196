# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

from blender_text3d.environment import paths
from blender_text3d.environment.paths import default_jobs_dir, worker_env_dir
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
