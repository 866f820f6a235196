# SPDX-License-Identifier: GPL-3.0-or-later
"""A temporary folder for Ray's sockets and logs; those of runs that were killed are removed by the next one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ...system.file_lock import FileLock

PARENT = Path("/tmp") if os.path.isdir("/tmp") else Path(tempfile.gettempdir())
"""Not the user's own temporary folder: paths of sockets are limited to about 100 characters."""
PREFIX, LOCK_NAME = "t3d-ray-", "in-use"


@contextmanager
def socket_folder() -> Iterator[Path]:
    """Return a new folder, which is removed at the end.

    Raises:
        OSError: It cannot be created.
    """
    _remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=PARENT))
    try:
        with FileLock(folder / LOCK_NAME) as lock:
            lock.try_acquire()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned() -> None:
    for folder in PARENT.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if not _is_own(folder) or not (folder / LOCK_NAME).is_file():
                continue
            with FileLock(folder / LOCK_NAME) as lock:
                is_abandoned = lock.try_acquire()
            if is_abandoned:
                shutil.rmtree(folder, ignore_errors=True)


def _is_own(folder: Path) -> bool:
    """True if a folder belongs to this user: anybody can create one of such a name there."""
    found = folder.lstat()
    return os.name == "nt" or found.st_uid == os.getuid()
