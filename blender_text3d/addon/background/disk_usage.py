# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk usage of the jobs and the environment. Tens of thousands of files are added up, a few milliseconds per tick."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import bpy

from ...environment.paths import worker_code_dir
from ...system.run_steps import run_for
from .. import redraw
from ..settings.choices import Choices
from ..state.environment_summary import DiskUse
from ..state.jobs_folder import SHARE_OF_TICK_S, names_in

VALID_FOR_S = 120.0


class DiskUsage:
    """The sizes in the data folder, and the timer that adds them up.

    Attributes:
        known: The newest result, or None.
    """

    INTERVAL_S = 0.1

    def __init__(self) -> None:
        self.known: DiskUse | None = None
        self._env_dir: Path | None = None
        self._valid_until_s = 0.0
        self._sum: Iterator[None] | None = None
        self._timer = self.poll  # Blender compares timers by identity, and each `self.poll` is a new object

    def request_refresh(self, chosen: Choices) -> None:
        """Have the sizes added up by a timer unless they are recent. Panels may call it while they draw."""
        is_same = self._env_dir == chosen.env_dir
        if bpy.app.background or (is_same and (self._sum or time.monotonic() < self._valid_until_s)):
            return
        self.known = self.known if is_same else None
        self._env_dir, self._sum = chosen.env_dir, self.add_up(chosen)
        if not bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.register(self._timer, first_interval=self.INTERVAL_S, persistent=True)

    def refresh(self) -> None:
        """Let the next request add up again."""
        self._valid_until_s = 0.0

    def poll(self) -> float | None:
        """Continue for a few milliseconds. Return the time until the next call in seconds, or None when done."""
        if self._sum is not None and run_for(self._sum, SHARE_OF_TICK_S):
            self._sum = None
            redraw.panels()
        return self.INTERVAL_S if self._sum else None

    def add_up(self, chosen: Choices) -> Iterator[None]:
        """Set `known`, one folder per step."""
        jobs_bytes = env_bytes = 0
        for size in bytes_below(chosen.jobs_dir):
            jobs_bytes += size
            yield
        for folder in (chosen.env_dir, chosen.env_dir.with_name(worker_code_dir().name)):
            for size in bytes_below(folder):
                env_bytes += size
                yield
        self.known = DiskUse(len(names_in(chosen.jobs_dir)), jobs_bytes, env_bytes)
        self._valid_until_s = time.monotonic() + VALID_FOR_S

    def detach(self) -> None:
        """Drop the results and end the timer."""
        self.known = self._env_dir = self._sum = None
        if bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.unregister(self._timer)


def bytes_below(folder: Path) -> Iterator[int]:
    """Yield the size of a folder's own files, then of each folder inside it; unreadable ones count as 0."""
    waiting = [str(folder)]
    while waiting:
        count = 0
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    count += size_of(entry)
        yield count


def size_of(entry: os.DirEntry) -> int:
    """Return the size in bytes, or 0 if the file is gone."""
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


disk_usage = DiskUsage()
