# SPDX-License-Identifier: GPL-3.0-or-later
"""Where uv's configuration files are, on each system."""

import os
from pathlib import Path, PurePosixPath

from blender_text3d.environment.installers import pip_config


def test_the_users_file_comes_before_the_machines(monkeypatch):
    monkeypatch.setattr(os, "name", "posix")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/mine")
    assert pip_config._uv_files() == [Path("/mine/uv/uv.toml"), Path("/etc/uv/uv.toml")]
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert pip_config._uv_files() == [Path("/home/me/.config/uv/uv.toml"), Path("/etc/uv/uv.toml")]


def test_windows_has_its_own_folders(monkeypatch):
    monkeypatch.setattr(pip_config, "Path", PurePosixPath)
    monkeypatch.setattr(os, "name", "nt")
    monkeypatch.setenv("APPDATA", "/roaming")
    monkeypatch.setenv("PROGRAMDATA", "/machine")
    assert pip_config._uv_files() == [PurePosixPath("/roaming/uv/uv.toml"), PurePosixPath("/machine/uv/uv.toml")]
    monkeypatch.delenv("APPDATA")
    assert pip_config._uv_files() == [PurePosixPath("/machine/uv/uv.toml")]
