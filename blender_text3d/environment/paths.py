# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders and files in the data folder: jobs, the worker's environment and its code.

None of them is inside the extension's own folder: that one belongs to one Blender version, and each Blender upgrade
would download gigabytes again.
"""

import os
from pathlib import Path

from ..system.user_folders import data_dir
from .manifest import read_manifest


def default_jobs_dir() -> Path:
    """Return the folder of job folders, unless the user chooses another."""
    return data_dir() / "jobs"


def worker_env_dir() -> Path:
    """Return the folder of the worker's environment, unless the user chooses another."""
    return data_dir() / "worker-env"


def worker_code_dir() -> Path:
    """Return the folder with copies of this package that workers run from; see worker/run_from_copy.py."""
    return data_dir() / "worker-code"


def worker_python(env_dir: Path) -> Path:
    """Return the Python of an environment's version in use, whether or not it exists yet."""
    manifest = read_manifest(env_dir)
    return venv_python(env_dir / manifest.folder if manifest else env_dir)


def venv_python(venv_dir: Path) -> Path:
    """Return the Python inside a virtual environment."""
    return venv_dir / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def log_path(env_dir: Path) -> Path:
    """Return the log of an environment's last action: the commands it ran and their output."""
    return env_dir.with_name(env_dir.name + ".setup.log")
