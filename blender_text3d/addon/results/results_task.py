# SPDX-License-Identifier: GPL-3.0-or-later
"""Compaction and deletion of many results, a few milliseconds per tick."""

import math
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import bpy

from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...system.run_steps import run_for
from .. import redraw
from ..background.disk_usage import disk_usage
from ..state.count_text import counted
from ..state.jobs_folder import SHARE_OF_TICK_S, names_in
from ..state.session_state import state
from ..state.weight_files import format_bytes
from . import timer
from .strip import strip

Change = Callable[[JobFolder], Generator[None, None, int]]
"""A function that changes one job in small steps and returns the number of bytes freed."""


class ResultsTask:
    """At most one change of many results, and the timer that continues it.

    Attributes:
        done: Jobs that were changed.
        freed: Bytes that this freed.
    """

    INTERVAL_S = 0.02

    def __init__(self) -> None:
        self.done = self.freed = 0
        self._verb = ""
        self._steps: Iterator[None] | None = None
        self._timer = self.poll  # Blender compares timers by identity, and each `self.poll` is a new object

    @property
    def is_running(self) -> bool:
        """True until all results are changed."""
        return self._steps is not None

    def start(self, verb: str, jobs_dir: Path, change: Change) -> None:
        """Change every job of a folder that has ended: by a timer, or at once without a window.

        Args:
            verb: What was done, for the message at the end: "Compacted".
            jobs_dir: The jobs folder.
            change: What is done to each job.
        """
        self.done = self.freed = 0
        self._verb, self._steps = verb, self._changes(jobs_dir, change)
        if bpy.app.background:
            self._continue(math.inf)
        else:
            bpy.app.timers.register(self._timer, first_interval=self.INTERVAL_S, persistent=True)

    def poll(self) -> float | None:
        """Continue for a few milliseconds. Return the time until the next call in seconds, or None when done."""
        self._continue(SHARE_OF_TICK_S)
        return self.INTERVAL_S if self.is_running else None

    def detach(self) -> None:
        """Stop; what was changed stays changed."""
        self._steps = None
        if bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.unregister(self._timer)

    def message(self) -> str:
        """Return what was done, in a sentence."""
        return f"{self._verb} {counted(self.done, 'result')}: {format_bytes(self.freed)} freed."

    def _continue(self, seconds: float) -> None:
        if self._steps is not None and run_for(self._steps, seconds):
            self._steps = None
            state.notice(self.message())
            disk_usage.refresh()
            strip.reload()
            timer.note_drawn()
            redraw.sidebars()

    def _changes(self, jobs_dir: Path, change: Change) -> Iterator[None]:
        for name in names_in(jobs_dir):
            folder = JobFolder(jobs_dir / name)
            if name not in state.jobs:
                freed = yield from _attempted(change(folder))
                self.done += freed >= 0
                self.freed += max(freed, 0)
            yield


def _attempted(steps: Generator[None, None, int]) -> Generator[None, None, int]:
    """Take all steps of one job; the value is -1 if it has not ended or cannot be changed."""
    try:
        freed: int = yield from steps
    except (InvalidJob, OSError):
        return -1
    return freed


results_task = ResultsTask()
