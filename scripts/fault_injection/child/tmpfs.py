# SPDX-License-Identifier: GPL-3.0-or-later
"""A small disk: a tmpfs of a few megabytes, which only root can mount."""

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def tmpfs(folder: Path, size_mb: int) -> Iterator[Path]:
    """Mount a disk of this size at a folder, and unmount it at the end.

    Raises:
        OSError: The disk cannot be mounted.
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
def can_mount() -> bool:
    """True if this process can mount disks."""
    try:
        with tempfile.TemporaryDirectory() as folder, tmpfs(Path(folder), 1):
            return True
    except OSError:
        return False


def fill(disk: Path, free_bytes: int) -> Path:
    """Write a file that leaves about `free_bytes` of free space; returns its path."""
    filler = disk / "filler"
    free = shutil.disk_usage(disk).free
    with filler.open("wb", buffering=0) as file:
        try:
            os.posix_fallocate(file.fileno(), 0, max(1, free - free_bytes))
        except OSError:
            return filler  # another process filled the disk in the meantime
    return filler
