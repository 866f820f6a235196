# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing an environment from the disk: only what we put there, and nothing while a program runs in it."""

import os
import shutil
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .errors import SetupFailed
from .manifest import FILE_NAME, REMOVING, read_mark, write_mark
from .versions import is_ours, is_used

RETRY_FOR_S = 10.0  # for a worker that was told to end just now
AGAIN_S = 0.2


def remove(env_dir: Path) -> None:
    """Remove all environments of a folder with a mark, and the folder where nothing else is in it.

    Raises:
        SetupFailed: A program runs in it, and nothing was removed; or something cannot be removed.
    """
    if _is_used_still(env_dir):
        raise SetupFailed(
            f"A program still runs in the Python environment {env_dir}, so it was left as it is.",
            "End the worker (or close the other Blender that has it), and remove it then.",
        )
    try:
        # What a crash leaves is known to be ours to the last, and not taken for an environment that works.
        write_mark(env_dir, replace(read_mark(env_dir), state=REMOVING))
        for path in sorted(filter(is_ours, env_dir.iterdir()), key=lambda path: path.name == FILE_NAME):
            _remove(path)
        if not env_dir.is_symlink() and not any(env_dir.iterdir()):
            env_dir.rmdir()
    except OSError as error:
        raise SetupFailed(
            f"{error.filename} could not be removed: {error.strerror}.", "Close what uses it, and try again."
        ) from error


def _is_used_still(env_dir: Path) -> bool:
    until = time.monotonic() + RETRY_FOR_S
    while (is_still := is_used(env_dir)) and time.monotonic() < until:
        time.sleep(AGAIN_S)
    return is_still


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, onerror=_writable_then_removed)
    else:
        path.unlink()


def _writable_then_removed(remove_it: Callable, path: str, _: object) -> None:
    os.chmod(path, stat.S_IRWXU)
    remove_it(path)
