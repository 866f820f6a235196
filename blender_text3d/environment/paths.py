# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of the jobs, the worker's environment and its code in the data folder.

They are not in the extension's own folder: that one belongs to one Blender version, and every Blender upgrade would
download gigabytes again.
"""

import os
from pathlib import Path

from ..system.user_folders import data_dir
from .manifest import read_manifest


def default_jobs_dir() -> Path:
    """Return the folder of job folders, unless the preferences name another."""
    return data_dir() / "jobs"


def worker_env_dir() -> Path:
    """Return the folder of the worker's virtual environment, unless the preferences name another."""
    return data_dir() / "worker-env"


def worker_code_dir() -> Path:
    """Return the folder of package copies that workers of an installed extension run from (worker/package_copy.py)."""
    return data_dir() / "worker-code"


def worker_python(env_dir: Path) -> Path:
    """Return the Python of the environment's current version, which may not exist yet."""
    mark = read_manifest(env_dir)
    return venv_python(env_dir / mark.folder if mark else env_dir)


def venv_python(venv_dir: Path) -> Path:
    """Return the Python of a virtual environment."""
    return venv_dir / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def log_path(env_dir: Path) -> Path:
    """Return the log of the commands that create an environment, with their output."""
    return env_dir.with_name(env_dir.name + ".setup.log")
