# SPDX-License-Identifier: GPL-3.0-or-later
"""The data folder: from the environment, from the note in the default folder, or of the operating system."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.system import user_folders
from blender_text3d.system.user_folders import (
    data_dir,
    default_data_dir,
    default_mirror,
    default_weights_dir,
    remember_data_dir,
)

VARIABLES = ("BLENDER_TEXT3D_HOME", "BLENDER_TEXT3D_WEIGHTS", "BLENDER_TEXT3D_MIRROR", "XDG_DATA_HOME", "LOCALAPPDATA")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """A user's home on Linux, without settings."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(user_folders, "sys", SimpleNamespace(platform="linux"))
    return tmp_path


def test_on_linux_the_data_folder_is_below_local_share_or_xdg_data_home(home, monkeypatch):
    assert data_dir() == home / ".local" / "share" / "blender_text3d"
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    assert data_dir() == home / "data" / "blender_text3d"


def test_on_macos_the_data_folder_is_in_application_support(home, monkeypatch):
    monkeypatch.setattr(user_folders, "sys", SimpleNamespace(platform="darwin"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    assert data_dir() == home / "Library" / "Application Support" / "blender_text3d"


def test_on_windows_the_data_folder_is_in_the_local_application_data(home, monkeypatch):
    monkeypatch.setattr(user_folders, "os", SimpleNamespace(name="nt", environ=os.environ, path=os.path))
    assert default_data_dir() == home / "AppData" / "Local" / "blender_text3d"
    monkeypatch.setenv("LOCALAPPDATA", str(home / "local"))
    assert default_data_dir() == home / "local" / "blender_text3d"


def test_the_environment_wins_over_the_preferences_and_those_over_the_default(home, monkeypatch):
    remember_data_dir(home / "chosen")
    assert data_dir() == home / "chosen"
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(home / "of_environment"))
    assert data_dir() == home / "of_environment"
    assert default_data_dir() == home / ".local" / "share" / "blender_text3d"


@pytest.mark.parametrize(
    ("variable", "folder"), [("BLENDER_TEXT3D_HOME", data_dir), ("BLENDER_TEXT3D_WEIGHTS", default_weights_dir)]
)
def test_a_folder_in_the_environment_may_begin_with_the_home_or_be_relative(home, monkeypatch, variable, folder):
    monkeypatch.chdir(home)
    monkeypatch.setenv(variable, "~/big disk")
    assert folder() == home / "big disk"
    monkeypatch.setenv(variable, "relative")
    assert folder() == home / "relative"
    assert folder().is_absolute()


def test_the_weights_are_in_the_data_folder_or_in_their_own(home, monkeypatch):
    remember_data_dir(home / "chosen")
    assert default_weights_dir() == home / "chosen" / "weights"
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(home / "models"))
    assert default_weights_dir() == home / "models"
    assert data_dir() == home / "chosen"


def test_choosing_the_default_folder_removes_the_note(home):
    remember_data_dir(home / "chosen")
    note = default_data_dir() / "data-folder.txt"
    assert note.read_text(encoding="utf-8") == str(home / "chosen")
    remember_data_dir(default_data_dir())
    assert not note.exists()
    assert data_dir() == default_data_dir()


def test_choosing_the_default_folder_first_creates_nothing(home):
    remember_data_dir(default_data_dir())
    assert not default_data_dir().exists()


def test_a_later_choice_replaces_the_note_and_the_same_choice_leaves_it_alone(home):
    remember_data_dir(home / "first")
    remember_data_dir(home / "κατάλογος")
    assert data_dir() == home / "κατάλογος"
    note = default_data_dir() / "data-folder.txt"
    os.utime(note, (1, 1))
    remember_data_dir(home / "κατάλογος")
    assert note.stat().st_mtime == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"/data\n", "/data"), (b" /data ", "/data"), (b"data", None), (b"", None), (b"\xff", None)],
)
def test_a_note_must_contain_an_absolute_path(content, expected):
    default_data_dir().mkdir(parents=True)
    (default_data_dir() / "data-folder.txt").write_bytes(content)
    assert data_dir() == (Path(expected) if expected else default_data_dir())


def test_the_mirror_is_that_of_the_environment_without_spaces(monkeypatch):
    assert default_mirror() == ""
    monkeypatch.setenv("BLENDER_TEXT3D_MIRROR", " https://mirror.example.org/ \n")
    assert default_mirror() == "https://mirror.example.org/"
