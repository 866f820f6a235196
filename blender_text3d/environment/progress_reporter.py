# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling how a set-up goes: its own lines, and every second what it has written to the disk meanwhile.

Installers do not tell in one way how much has come. So the free space of the disks that they write to is looked at,
and, as other programs write and remove files too, the size of the folder that is filled.
"""

import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from .progress import Progress
from .versions import disk_bytes

INTERVAL_S = 1.0
MEASURED_OVER = 10  # looks; the pace is the mean over their time
FOLDER_EVERY = 4  # looks: to add up a folder takes its time
INSTALLING, INSTALLED = 0.04, 0.8  # between these shares what was written tells more than an installer's lines
MIN_RATE = 300_000.0  # bytes a second; below it other programs' writing is all there is to see


class ProgressReporter:
    """Says progress; inside `with` also while nothing else is said."""

    def __init__(self, say: Callable[[Progress], None], folder: Path, of_bytes: int):
        """Prepares, says nothing.

        Args:
            say: Called with each news, from a thread as well, one at a time.
            folder: Where the bulk goes; temporary files count too.
            of_bytes: About how much it is, in all.
        """
        self._say, self._folder, self._of_bytes = say, folder, of_bytes
        self._folder_bytes = disk_bytes(folder)
        self._count = 0
        self._disks = disks(folder, Path(tempfile.gettempdir()), Path.home())
        self._free_bytes = free_bytes(self._disks)
        self._looks: deque[tuple[float, int]] = deque(maxlen=MEASURED_OVER)
        self._newest = Progress("Starting")
        self._written_bytes = 0
        self._lock = threading.Lock()
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "ProgressReporter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._has_ended.set()
        self._thread.join()

    def report(self, message: str, share: float) -> None:
        """Say a line of the maker; the share never goes back."""
        with self._lock:
            self._newest = self._measured(message, max(share, self._newest.share))
            self._say(self._newest)

    def _tick(self) -> None:
        while not self._has_ended.wait(INTERVAL_S):
            self._count += 1
            if self._count % FOLDER_EVERY == 0:
                self._written_bytes = max(self._written_bytes, disk_bytes(self._folder) - self._folder_bytes)
            with self._lock:
                self._newest = self._measured(self._newest.message, self._newest.share)
                self._say(self._newest)

    def _measured(self, message: str, share: float) -> Progress:
        self._written_bytes = max(self._written_bytes, self._free_bytes - free_bytes(self._disks))
        if self._of_bytes:
            self._written_bytes = min(self._written_bytes, self._of_bytes)
        is_installing = INSTALLING < share < INSTALLED
        if self._of_bytes and is_installing:
            share = max(share, INSTALLED * self._written_bytes / self._of_bytes)
        self._looks.append((time.monotonic(), self._written_bytes))
        pace = pace_of(self._looks)
        missing_bytes = self._of_bytes - self._written_bytes
        left = missing_bytes / pace if pace and missing_bytes > 0 and is_installing else None
        return Progress(
            message, share, done_bytes=self._written_bytes, of_bytes=self._of_bytes, bytes_per_s=pace, left_s=left
        )


def pace_of(looks: deque[tuple[float, int]]) -> float:
    """Bytes a second from (time, bytes) pairs, oldest first; 0 where nothing much comes."""
    if len(looks) < 2 or looks[-1][0] <= looks[0][0]:
        return 0.0
    pace = (looks[-1][1] - looks[0][1]) / (looks[-1][0] - looks[0][0])
    return pace if pace >= MIN_RATE else 0.0


def disks(*folders: Path) -> list[Path]:
    """One folder for each disk that some folders, or the nearest that exist above them, lie on."""
    existing = [next(path for path in (folder, *folder.parents) if path.exists()) for folder in folders]
    return list({path.stat().st_dev: path for path in existing}.values())


def free_bytes(folders: list[Path]) -> int:
    """Of all disks together."""
    return sum(shutil.disk_usage(folder).free for folder in folders)
