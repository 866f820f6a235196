# SPDX-License-Identifier: GPL-3.0-or-later
"""One process at a time creates, tests or removes an environment.

The holder writes its process ID into the lock file and empties the file on release. A process that only asks tries the
lock only if the file is not empty, so that it cannot take it from a process that starts at the same moment.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..system.file_lock import FileLock, try_lock
from .errors import SetupFailed

RETRY_FOR_S = 10.0  # for a process that was stopped and is still removing its files


@contextmanager
def hold_lock(env_dir: Path, timeout_s: float = 0.0) -> Iterator[bool]:
    """Hold the environment's lock; yields False if another process still holds it after `timeout_s`.

    Raises:
        SetupFailed: The disk of the environment's parent folder has no file locks.
    """
    with FileLock(lock_path(env_dir)) as lock:
        try:
            is_acquired = lock.try_acquire(timeout_s)
        except OSError as error:
            raise SetupFailed(
                f"The disk of {env_dir.parent} cannot lock files ({error.strerror}), so two setups could collide.",
                "Choose a data folder on another disk in the add-on's preferences.",
            ) from error
        if not is_acquired:
            yield False
            return
        with suppress(OSError):  # a full disk, from which the holder may be about to remove something
            lock.file.truncate(0)
            lock.file.write(b"%d\n" % os.getpid())
        try:
            yield True
        finally:
            lock.file.truncate(0)


@contextmanager
def require_lock(env_dir: Path) -> Iterator[None]:
    """Hold the environment's lock.

    Raises:
        SetupFailed: Another process holds it.
    """
    with hold_lock(env_dir, RETRY_FOR_S) as is_acquired:
        if not is_acquired:
            raise SetupFailed(f"Another process is using the environment {env_dir}.", "Wait until it is done.")
        yield


def is_locked(env_dir: Path) -> bool:
    """True if a process holds the environment's lock; never takes the lock from a process that starts."""
    try:
        with lock_path(env_dir).open("rb") as file:
            return bool(file.read(1)) and not try_lock(file.fileno(), is_shared=True)
    except OSError:  # without a lock file, or without file locks, nothing is held
        return False


def lock_path(env_dir: Path) -> Path:
    """Return the lock file of an environment; it is never removed."""
    return env_dir.with_name(env_dir.name + ".lock")
