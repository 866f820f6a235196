# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Blender with its real window, driven by mouse and keyboard on a virtual screen.

Runs if TEXT3D_REAL_BLENDER names a Blender executable, TEXT3D_ZIP the built extension and
TEXT3D_WORKER_PYTHON a Python with the worker's packages, and if Xvfb, xdotool and ImageMagick's import are on PATH.
TEXT3D_PICTURES names a folder that keeps the screenshots. test_fresh_user.py downloads half a gigabyte, and needs
TEXT3D_BASE_PYTHON if the package index has no build of PyTorch for Blender's own Python.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.window.blender_window import BlenderWindow
from tests.window.screen import Screen

VARIABLES = ("TEXT3D_REAL_BLENDER", "TEXT3D_ZIP", "TEXT3D_WORKER_PYTHON")
TOOLS = ("Xvfb", "xdotool", "import")
MISSING = [name for name in VARIABLES if name not in os.environ] + [name for name in TOOLS if not shutil.which(name)]
collect_ignore_glob = ["test_*.py"] if MISSING else []


def pytest_report_header() -> str:
    return f"tests/window: NOT collected without {', '.join(MISSING)}" if MISSING else "tests/window: a real window"


@pytest.fixture(scope="session")
def screen(tmp_path_factory):
    """A virtual screen."""
    screen = Screen(Path(os.environ.get("TEXT3D_PICTURES") or tmp_path_factory.mktemp("screenshots")))
    yield screen
    screen.close()


@pytest.fixture(scope="session")
def window(screen, tmp_path_factory):
    """Blender with the zip installed from its command line, its window on the screen, the sidebar open."""
    home = tmp_path_factory.mktemp("home")
    window = BlenderWindow(os.environ["TEXT3D_REAL_BLENDER"], home, screen)
    window.install(os.environ["TEXT3D_ZIP"])
    window.start()
    yield window
    window.close()
    subprocess.run(["tail", "-n", "20", str(home / "blender.log")])
