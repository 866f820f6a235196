# SPDX-License-Identifier: GPL-3.0-or-later
"""An exclusive lock on a file, which the operating system releases when its holder exits."""

import errno
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

HELD_ERRNOS = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}
LOCKED_BYTE = 2**30
"""On Windows a locked byte cannot be read, so it is far behind the content."""
RETRY_EVERY_S = 0.1


class FileLock:
    """A lock that belongs to an open file; the file itself is kept when the lock is released.

    Attributes:
        file: The locked file, open for appending.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, without locking it.

        Raises:
            OSError: The file cannot be created.
        """
        self.file = path.open("ab", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def try_acquire(self, timeout_s: float = 0.0) -> bool:
        """Acquire the lock, or return False if another process still holds it after `timeout_s`.

        Raises:
            OSError: The file system has no locks.
        """
        deadline = time.monotonic() + timeout_s
        while not (is_acquired := try_lock(self.file.fileno())) and time.monotonic() < deadline:
            time.sleep(RETRY_EVERY_S)
        return is_acquired


def try_lock(descriptor: int, *, is_shared: bool = False) -> bool:
    """Lock an open file, or return False if another process holds the lock.

    Raises:
        OSError: The file system has no locks.
    """
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD_ERRNOS:
            return False
        raise
    return True
