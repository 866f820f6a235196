# SPDX-License-Identifier: GPL-3.0-or-later
"""A real disk that is small: a tmpfs of a few megabytes. Only root may mount one."""

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator[Path]:
    """A disk of this size at the folder, gone in the end.

    Raises:
        OSError: It cannot be mounted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _call("mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "text3d-faults", str(folder))
    try:
        yield folder
    finally:
        _call("umount", "-l", str(folder))


def _call(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{command[0]}: {done.stderr.strip()}")


@functools.cache
def may_mount() -> bool:
    """Whether this process may mount disks."""
    try:
        with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder), 1):
            return True
    except OSError:
        return False


def fill(disk: Path, room_bytes: int) -> Path:
    """Write a file that leaves about so much room; gives its path."""
    filler = disk / "filler"
    free = shutil.disk_usage(disk).free
    with filler.open("wb", buffering=0) as file:
        try:
            os.posix_fallocate(file.fileno(), 0, max(1, free - room_bytes))
        except OSError:
            return filler  # somebody wrote just now; full is full
    return filler
