# SPDX-License-Identifier: GPL-3.0-or-later
"""The data folder of this user, which Blender, the worker and the command line share."""

import os
import sys
from pathlib import Path

HOME_VARIABLE = "BLENDER_TEXT3D_HOME"
WEIGHTS_VARIABLE = "BLENDER_TEXT3D_WEIGHTS"
MIRROR_VARIABLE = "BLENDER_TEXT3D_MIRROR"
MOVED_NOTE = "data-folder.txt"
"""A file in the default data folder that contains the path of the one in use."""


def data_dir() -> Path:
    """Return BLENDER_TEXT3D_HOME, else the folder chosen in the preferences, else the default data folder."""
    chosen = os.environ.get(HOME_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else _moved_data_dir() or default_data_dir()


def default_data_dir() -> Path:
    """Return the add-on's folder in the operating system's folder for user data."""
    return _user_data_dir() / "blender_text3d"


def remember_data_dir(folder: Path) -> None:
    """Make a data folder the one that every Blender and terminal of this user finds.

    Its path is written to a note in the default data folder; choosing that folder itself removes the note.

    Raises:
        OSError: The default data folder cannot be written.
    """
    note = default_data_dir() / MOVED_NOTE
    if Path(folder) == default_data_dir():
        note.unlink(missing_ok=True)
    elif folder != _moved_data_dir():
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(str(folder), encoding="utf-8")


def default_weights_dir() -> Path:
    """Return BLENDER_TEXT3D_WEIGHTS, else "weights" in the data folder."""
    chosen = os.environ.get(WEIGHTS_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else data_dir() / "weights"


def default_mirror() -> str:
    """Return the address or folder of the user's own mirror, or ""."""
    return os.environ.get(MIRROR_VARIABLE, "").strip()


def _moved_data_dir() -> Path | None:
    try:
        folder = (default_data_dir() / MOVED_NOTE).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    return Path(folder) if os.path.isabs(folder) else None


def _user_data_dir() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local")
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
