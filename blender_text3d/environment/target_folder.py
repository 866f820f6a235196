# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a folder can take an environment at all: asked before anything is downloaded."""

import os
import shutil
import tempfile
from pathlib import Path

from .errors import SetupFailed
from .manifest import read_mark

MAX_PATH_LENGTH_ON_WINDOWS = 86  # PyTorch's own deepest file adds about 160 characters, and Windows stops at 260


def prepare_place(env_dir: Path) -> None:
    """Make the parent folder, and see that the environment can be written.

    Raises:
        SetupFailed: Not ours, not writable or too deep.
    """
    _require_own_folder(env_dir)
    _try_to_write(env_dir.parent)
    if os.name == "nt" and len(str(env_dir)) > MAX_PATH_LENGTH_ON_WINDOWS:
        raise SetupFailed(
            f"The path {env_dir} is too long for Windows.",
            f"Choose one of at most {MAX_PATH_LENGTH_ON_WINDOWS} characters.",
        )


def _require_own_folder(env_dir: Path) -> None:
    is_file = env_dir.exists() and not env_dir.is_dir()
    if is_file or (env_dir.is_dir() and read_mark(env_dir) is None and any(env_dir.iterdir())):
        raise SetupFailed(
            f"{env_dir} holds other files, and they are left alone.", "Choose an empty folder or a new one."
        )


def _try_to_write(folder: Path) -> None:
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
    """See that there is room.

    Args:
        folder: Where the environments' folder lies.
        needed_gb: Free space to ask for, in gigabytes.

    Raises:
        SetupFailed: There is less.
    """
    free_gb = shutil.disk_usage(folder).free / 1e9
    if free_gb < needed_gb:
        raise SetupFailed(
            f"The environment needs about {needed_gb:.0f} GB, and {folder} has {free_gb:.1f} GB free.",
            "Free some space, or choose another folder in the add-on's preferences.",
        )
