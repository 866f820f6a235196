# SPDX-License-Identifier: GPL-3.0-or-later
"""One process at a time fetches a checkpoint: a lock that the system takes back when its holder dies."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

if os.name == "nt":
    import msvcrt
else:
    import fcntl


class Lock:
    """A lock on a file. The file stays; what is locked is the open file, so a dead process holds nothing."""

    def __init__(self, path: Path):
        """Opens the file; takes nothing yet.

        Raises:
            OSError: The file cannot be made.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(path, "a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def take(self) -> bool:
        """Take the lock if it is free; False, at once, where another process has it."""
        try:
            _lock(self._file.fileno())
        except OSError:
            return False
        return True


def _lock(descriptor: int) -> None:
    if os.name == "nt":
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
