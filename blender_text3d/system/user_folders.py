# SPDX-License-Identifier: GPL-3.0-or-later
"""Where weights lie: the same folder for Blender, the worker and the command line.

The rule is that of setup/paths.py, which this package may not import; a test holds the two together.
"""

import os
import sys
from pathlib import Path

HOME_VARIABLE = "BLENDER_TEXT3D_HOME"
WEIGHTS_VARIABLE = "BLENDER_TEXT3D_WEIGHTS"
MIRROR_VARIABLE = "BLENDER_TEXT3D_MIRROR"
MOVED = "data-folder.txt"


def default_weights_dir() -> Path:
    """BLENDER_TEXT3D_WEIGHTS, else "weights" in the folder for everything we keep."""
    chosen = os.environ.get(WEIGHTS_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else home_dir() / "weights"


def default_mirror() -> str:
    """The user's own mirror, an address or a folder; "" where there is none."""
    return os.environ.get(MIRROR_VARIABLE, "").strip()


def home_dir() -> Path:
    """The folder for everything we keep: BLENDER_TEXT3D_HOME, else where it was moved to, else the usual place."""
    chosen = os.environ.get(HOME_VARIABLE)
    usual = _user_data_dir() / "blender_text3d"
    return Path(chosen).expanduser().absolute() if chosen else _moved(usual) or usual


def _moved(usual: Path) -> Path | None:
    """Where the user moved everything to, as the usual place says."""
    try:
        folder = (usual / MOVED).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    return Path(folder) if os.path.isabs(folder) else None


def _user_data_dir() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local")
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
