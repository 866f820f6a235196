# SPDX-License-Identifier: GPL-3.0-or-later
"""What jobs and environment take on the disk. Tens of thousands of files are added up a little per tick."""

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bpy

from ...environment.paths import worker_code_dir
from .. import redraw
from ..settings.choices import Choices
from ..state.jobs_folder import SHARE_OF_TICK_S, names_in

INTERVAL_S = 0.1
HOLDS_FOR_S = 120.0


@dataclass(frozen=True)
class DiskUse:
    """What lies in one data folder.

    Attributes:
        jobs: How many there are.
        jobs_bytes: Of all of them.
        env_bytes: Of the environment with its installer, what older ones left, and the worker's copies of our code.
    """

    jobs: int
    jobs_bytes: int
    env_bytes: int


known: DiskUse | None = None
_known_of: Path | None = None
_holds_until_s = 0.0
_adding: Iterator[None] | None = None


def request_refresh(chosen: Choices) -> None:
    """See to it that the sizes are known, and not of long ago. For panels: a timer adds up when they have drawn."""
    global known, _known_of, _adding
    if bpy.app.background or (_known_of == chosen.env_dir and (_adding or time.monotonic() < _holds_until_s)):
        return
    known = known if _known_of == chosen.env_dir else None
    _known_of, _adding = chosen.env_dir, add_up(chosen)
    if not bpy.app.timers.is_registered(poll):
        bpy.app.timers.register(poll, first_interval=INTERVAL_S, persistent=True)


def refresh() -> None:
    """What is known holds no more."""
    global _holds_until_s
    _holds_until_s = 0.0


def poll() -> float | None:
    """Go on for a few milliseconds; None when all is added up."""
    global _adding
    until = time.perf_counter() + SHARE_OF_TICK_S
    while _adding is not None and time.perf_counter() < until:
        if next(_adding, StopIteration) is StopIteration:
            _adding = None
            redraw.panels()
    return INTERVAL_S if _adding else None


def add_up(chosen: Choices) -> Iterator[None]:
    """Find out what is known, one folder per step."""
    global known, _holds_until_s
    jobs_bytes = env_bytes = 0
    for share in bytes_below(chosen.jobs_dir):
        jobs_bytes += share
        yield
    for folder in (chosen.env_dir, chosen.env_dir.with_name(worker_code_dir().name)):
        for share in bytes_below(folder):
            env_bytes += share
            yield
    known = DiskUse(len(names_in(chosen.jobs_dir)), jobs_bytes, env_bytes)
    _holds_until_s = time.monotonic() + HOLDS_FOR_S


def bytes_below(folder: Path) -> Iterator[int]:
    """The sizes of a folder's own files, then those of each folder inside it; what cannot be read counts as nothing."""
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
    """In bytes; 0 where it is gone meanwhile."""
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def detach() -> None:
    """Forget everything."""
    global known, _known_of, _adding
    known, _known_of, _adding = None, None, None
    if bpy.app.timers.is_registered(poll):
        bpy.app.timers.unregister(poll)
