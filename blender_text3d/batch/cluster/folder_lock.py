# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time for an output folder; what two would make is the same, but they would report each other's work."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ...client.run_status import STOP_NAME
from ...system.file_lock import FileLock
from .errors import FolderTaken

LOCK_NAME = "cluster-run"
MARKER = "run-"


@contextmanager
def held(out: Path, work: Path) -> Iterator[str]:
    """Hold an output folder for a run; returns the name of a new file in it by which nodes know the folder.

    Args:
        out: The output folder.
        work: Its folder for unfinished work.

    Raises:
        FolderTaken: Another run holds it.
        OSError: It cannot be written.
    """
    with FileLock(work / LOCK_NAME) as lock:
        with suppress(OSError):  # a drive without locks
            if not lock.try_acquire():
                raise FolderTaken(
                    f"Another run is filling {out}. Wait for it, or create the empty file {out / STOP_NAME} to stop it."
                )
        for left in work.glob(f"{MARKER}*"):
            left.unlink(missing_ok=True)
        marker = work / f"{MARKER}{secrets.token_hex(8)}"
        marker.touch()
        try:
            yield marker.relative_to(out).as_posix()
        finally:
            marker.unlink(missing_ok=True)
