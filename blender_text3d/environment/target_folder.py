# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of an environment's folder that are made before anything is downloaded."""

import os
import shutil
import tempfile
from pathlib import Path

from .errors import SetupFailed
from .manifest import read_manifest

MAX_PATH_LENGTH_ON_WINDOWS = 86  # PyTorch's deepest file adds about 160 characters; the limit of Windows is 260
CHOOSE_EMPTY_FOLDER = "Choose an empty or new folder."


def prepare_target_folder(env_dir: Path) -> None:
    """Create the parent folder, and check that an environment can be created.

    Raises:
        SetupFailed: The folder contains other files, is not writable, or its path is too long.
    """
    _require_own_folder(env_dir)
    _require_writable(env_dir.parent)
    if os.name == "nt" and len(str(env_dir)) > MAX_PATH_LENGTH_ON_WINDOWS:
        raise SetupFailed(
            f"The path {env_dir} is too long for Windows.",
            f"Choose a path of at most {MAX_PATH_LENGTH_ON_WINDOWS} characters.",
        )


def contains_other_files(folder: Path) -> bool:
    """True if a folder is not an environment and not empty."""
    return folder.is_dir() and read_manifest(folder) is None and any(folder.iterdir())


def _require_own_folder(env_dir: Path) -> None:
    is_file = env_dir.exists() and not env_dir.is_dir()
    if is_file or contains_other_files(env_dir):
        raise SetupFailed(f"{env_dir} contains other files, which were not changed.", CHOOSE_EMPTY_FOLDER)


def _require_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SetupFailed(
            f"The folder {folder} cannot be written: {error.strerror or error}.",
            "Choose another folder in the add-on's preferences.",
        ) from error


def require_free_space(folder: Path, needed_gb: float) -> None:
    """Check the free space of a disk.

    Args:
        folder: A folder on the disk.
        needed_gb: Required free space in gigabytes.

    Raises:
        SetupFailed: There is less.
    """
    free_gb = shutil.disk_usage(folder).free / 1e9
    if free_gb < needed_gb:
        raise SetupFailed(
            f"The environment needs about {needed_gb:.0f} GB, but {folder} has {free_gb:.1f} GB free.",
            "Free some space, or choose another folder in the add-on's preferences.",
        )
