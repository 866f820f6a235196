# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the add-on keeps what outlives one Blender: jobs, the worker's environment and code.

Not inside the extension's own folder: that one belongs to one Blender version, and every Blender upgrade would
download gigabytes again.
"""

import os
import sys
from pathlib import Path

from .manifest import read_mark

HOME_VARIABLE = "BLENDER_TEXT3D_HOME"
MOVED = "data-folder.txt"


def data_dir() -> Path:
    """The folder for everything we keep: BLENDER_TEXT3D_HOME, else where it was moved to, else the usual place."""
    chosen = os.environ.get(HOME_VARIABLE)
    return Path(chosen).expanduser().absolute() if chosen else _moved_data_dir() or usual_data_dir()


def usual_data_dir() -> Path:
    """Our folder in the platform's user-data folder."""
    return _user_data_dir() / "blender_text3d"


def remember_data_dir(folder: Path) -> None:
    """Let every Blender and every terminal of this user find a folder that was chosen in the preferences.

    The usual place keeps its path in a small file; where the usual place itself is chosen, the file goes.

    Raises:
        OSError: The usual place cannot be written.
    """
    note = usual_data_dir() / MOVED
    if Path(folder) == usual_data_dir():
        note.unlink(missing_ok=True)
    elif folder != _moved_data_dir():
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(str(folder), encoding="utf-8")


def default_jobs_dir() -> Path:
    """The folder of job folders, unless the user names another."""
    return data_dir() / "jobs"


def worker_env_dir() -> Path:
    """The worker's virtual environment, unless the user names another."""
    return data_dir() / "worker-env"


def worker_code_dir() -> Path:
    """Copies of this package that workers run from where Blender installed it; worker/apart.py makes them."""
    return data_dir() / "worker-code"


def worker_python(env_dir: Path) -> Path:
    """The Python of the environment that is in use there, whether or not it exists yet."""
    mark = read_mark(env_dir)
    return python_in(env_dir / mark.folder if mark else env_dir)


def python_in(venv_dir: Path) -> Path:
    """The Python inside a virtual environment."""
    return venv_dir / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def log_path(env_dir: Path) -> Path:
    """What the set-up of an environment ran, and all that those programs printed."""
    return env_dir.with_name(env_dir.name + ".environment.log")


def _moved_data_dir() -> Path | None:
    try:
        folder = (usual_data_dir() / MOVED).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    return Path(folder) if os.path.isabs(folder) else None


def _user_data_dir() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local")
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
