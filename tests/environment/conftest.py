# SPDX-License-Identifier: GPL-3.0-or-later
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.environment import create
from blender_text3d.environment.requirements import Packages
from tests.environment.tiny_wheel import write_wheel

THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def wheels(tmp_path, monkeypatch) -> Path:
    """A folder of wheels that is the only package source of pip."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    for name in [name for name in os.environ if name.startswith("UV_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("BLENDER_TEXT3D_INSTALLER", "pip")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    write_wheel(folder, "tinyone", "1.0")
    return folder


@pytest.fixture(scope="session")
def empty_venv(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("venv") / "empty"
    subprocess.run([sys.executable, "-I", "-m", "venv", folder], check=True)
    return folder


@pytest.fixture
def copied_venv(monkeypatch, empty_venv):
    """Have environments start as copies of one venv: its pip is installed once, not for seconds in every test."""

    def copy(folder, interpreter, report, log):
        shutil.copytree(empty_venv, folder, symlinks=True, copy_function=os.link)

    monkeypatch.setattr(create, "_create_venv", copy)


@pytest.fixture
def tiny() -> Packages:
    """An environment of one tiny package."""
    return tiny_packages("tinyone==1.0")


def tiny_packages(*requirements: str, modules: tuple[str, ...] = ("tinyone",), needed_gb: float = 0.01) -> Packages:
    return Packages(requirements, modules, needed_gb, (THIS_PYTHON,))


@pytest.fixture
def news() -> list:
    """The reported (message, share) pairs."""
    return []


@pytest.fixture
def report(news):
    return lambda message, share: news.append((message, share))
