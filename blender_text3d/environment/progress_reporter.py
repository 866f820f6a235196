# SPDX-License-Identifier: GPL-3.0-or-later
"""Report progress of a setup: its own lines, and every second the number of bytes written to disk.

Installers report downloads in different ways. So the free space of the disks that they write to is measured, and the
size of the environment's folder, because other programs write and remove files as well.
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
MAX_SAMPLES = 10  # the rate is the mean over these
FOLDER_EVERY = 4  # samples; measuring a folder takes time
INSTALL_START, INSTALL_END = 0.04, 0.8  # between these shares, the written bytes determine the share
MIN_RATE = 300_000.0  # bytes per second; less is attributed to other programs


class ProgressReporter:
    """Sends progress when reported, and at intervals inside its `with` block."""

    def __init__(self, send: Callable[[Progress], None], folder: Path, of_bytes: int):
        """Measure the disks, and send nothing.

        Args:
            send: Called with each progress, by one thread at a time.
            folder: The environment's folder; temporary files count as well.
            of_bytes: Estimated total of the bytes to write; 0 if unknown.
        """
        self._send, self._folder, self._of_bytes = send, folder, of_bytes
        self._folder_bytes = disk_bytes(folder)
        self._count = 0
        self._disks = distinct_disks(folder, Path(tempfile.gettempdir()), Path.home())
        self._free_bytes = total_free_bytes(self._disks)
        self._samples: deque[tuple[float, int]] = deque(maxlen=MAX_SAMPLES)
        self._latest = Progress("Starting")
        self._written_bytes = 0
        self._lock = threading.Lock()
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "ProgressReporter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._has_ended.set()
        self._thread.join()

    def report(self, message: str, share: float) -> None:
        """Send a line for the user; the share never decreases."""
        with self._lock:
            self._latest = self._measured(message, max(share, self._latest.share))
            self._send(self._latest)

    def _run(self) -> None:
        while not self._has_ended.wait(INTERVAL_S):
            self._count += 1
            if self._count % FOLDER_EVERY == 0:
                self._written_bytes = max(self._written_bytes, disk_bytes(self._folder) - self._folder_bytes)
            with self._lock:
                self._latest = self._measured(self._latest.message, self._latest.share)
                self._send(self._latest)

    def _measured(self, message: str, share: float) -> Progress:
        self._written_bytes = max(self._written_bytes, self._free_bytes - total_free_bytes(self._disks))
        if self._of_bytes:
            self._written_bytes = min(self._written_bytes, self._of_bytes)
        is_installing = INSTALL_START < share < INSTALL_END
        if self._of_bytes and is_installing:
            share = max(share, INSTALL_END * self._written_bytes / self._of_bytes)
        self._samples.append((time.monotonic(), self._written_bytes))
        rate = mean_rate(self._samples)
        missing_bytes = self._of_bytes - self._written_bytes
        left_s = missing_bytes / rate if rate and missing_bytes > 0 and is_installing else None
        return Progress(
            message, share, done_bytes=self._written_bytes, of_bytes=self._of_bytes, bytes_per_s=rate, left_s=left_s
        )


def mean_rate(samples: deque[tuple[float, int]]) -> float:
    """Return the bytes per second of (time in seconds, bytes) samples, oldest first; 0 below MIN_RATE."""
    if len(samples) < 2 or samples[-1][0] <= samples[0][0]:
        return 0.0
    rate = (samples[-1][1] - samples[0][1]) / (samples[-1][0] - samples[0][0])
    return rate if rate >= MIN_RATE else 0.0


def distinct_disks(*folders: Path) -> list[Path]:
    """Return one existing folder for each disk that holds any of the folders or their nearest existing parents."""
    existing = [next(path for path in (folder, *folder.parents) if path.exists()) for folder in folders]
    return list({path.stat().st_dev: path for path in existing}.values())


def total_free_bytes(folders: list[Path]) -> int:
    """Return the free space of several disks."""
    return sum(shutil.disk_usage(folder).free for folder in folders)
