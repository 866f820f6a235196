# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove an environment from the disk: only its own files, and only if no program runs in it."""

import errno
import os
import shutil
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .errors import SetupFailed
from .manifest import FILE_NAME, REMOVING, Manifest, read_manifest, write_manifest
from .versions import is_environment_entry, is_in_use

RETRY_FOR_S = 10.0  # for a worker that is exiting
RETRY_EVERY_S = 0.2


def remove_environment(env_dir: Path) -> None:
    """Remove all versions of an environment with a manifest, and its folder if nothing else is in it.

    Raises:
        SetupFailed: A program runs in it, and nothing was removed; or a file cannot be removed.
    """
    if _stays_in_use(env_dir):
        raise SetupFailed(
            f"A program is still running in the Python environment {env_dir}, so it was not removed.",
            "Close the program, such as another Blender, and remove the environment again.",
        )
    try:
        # After a crash, what is left is still known to belong to the add-on, and does not count as usable.
        write_manifest(env_dir, replace(_manifest(env_dir), state=REMOVING))
        for path in sorted(filter(is_environment_entry, env_dir.iterdir()), key=lambda path: path.name == FILE_NAME):
            _remove(path)
        if not env_dir.is_symlink() and not any(env_dir.iterdir()):
            env_dir.rmdir()
    except OSError as error:
        raise SetupFailed(
            f"{error.filename} could not be removed: {error.strerror}.",
            "Close the program that uses it, and try again.",
        ) from error


def _manifest(env_dir: Path) -> Manifest:
    if manifest := read_manifest(env_dir):
        return manifest
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(env_dir / FILE_NAME))


def _stays_in_use(env_dir: Path) -> bool:
    deadline = time.monotonic() + RETRY_FOR_S
    while (is_still_in_use := is_in_use(env_dir)) and time.monotonic() < deadline:
        time.sleep(RETRY_EVERY_S)
    return is_still_in_use


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, onerror=_retry_writable)
    else:
        path.unlink()


def _retry_writable(remove: Callable[[str], object], path: str, _: object) -> None:
    os.chmod(path, stat.S_IRWXU)
    remove(path)
