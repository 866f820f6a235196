# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of unfinished work, one a process, and the removal of those whose processes ended without doing it.

A lock tells that a process ended, but only on its own machine: not every network drive shows the locks of others. Work
of another machine is removed when nothing of it changed for a day, both times taken from the drive: clocks differ.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..system.file_lock import FileLock
from ..system.machine import kernel_id
from .drive_lock import acquired

LOCK_NAME = "in-use"
REMOVED = "-removed"
UNCHANGED_NS = 24 * 3600 * 10**9
"""Far longer than an object takes: each one that is finished changes the folder."""
WITHOUT_LOCK_NS = 600 * 10**9
"""Far longer than a process takes from creating its folder to locking it."""


@contextmanager
def work_folder(parent: Path) -> Iterator[Path]:
    """Return a new folder for unfinished work, which is removed; so are those of dead processes.

    Raises:
        OSError: It cannot be created.
    """
    remove_abandoned(parent)
    folder = parent / f"{kernel_id()}-{os.getpid()}-{secrets.token_hex(8)}"
    folder.mkdir()
    try:
        with FileLock(folder / LOCK_NAME) as lock:
            acquired(lock)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(parent: Path) -> None:
    """Remove the folders of processes that are dead."""
    for folder in parent.iterdir():
        with suppress(OSError):
            if is_abandoned(folder) if (folder / LOCK_NAME).is_file() else has_lost_its_lock(folder):
                shutil.rmtree(out_of_reach(folder), ignore_errors=True)


def out_of_reach(folder: Path) -> Path:
    """Rename a folder, so that the worker of a killed process, which ends a moment later, adds no file meanwhile.

    Returns:
        The new path; the old one where a folder with open files cannot be renamed, as on Windows.
    """
    with suppress(OSError):
        return folder.rename(f"{folder}{REMOVED}")
    return folder


def has_lost_its_lock(folder: Path) -> bool:
    """True if a folder without a lock is old: its process was killed before it made one, or while it cleaned up."""
    return time_of_drive_ns(folder.parent) - folder.stat().st_mtime_ns > WITHOUT_LOCK_NS


def is_abandoned(folder: Path) -> bool:
    """True if the process of a folder is dead.

    Raises:
        OSError: The drive has no locks, or the folder is gone.
    """
    with FileLock(folder / LOCK_NAME) as lock:
        if not lock.try_acquire():
            return False
    is_here = folder.name.startswith(f"{kernel_id()}-")
    return is_here or time_of_drive_ns(folder.parent) - folder.stat().st_mtime_ns > UNCHANGED_NS


def time_of_drive_ns(folder: Path) -> int:
    """Return the present time as the drive of a folder gives it to new files.

    Raises:
        OSError: The folder cannot be written.
    """
    probe = folder / f"time-{secrets.token_hex(8)}"
    probe.touch()
    try:
        return probe.stat().st_mtime_ns
    finally:
        probe.unlink()
