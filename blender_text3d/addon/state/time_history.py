# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations of jobs on this machine, saved in the data folder for all sessions. No bpy."""

import contextlib
import json
import os
from dataclasses import asdict, replace
from pathlib import Path

from ...system.lazy_dataclass import lazy_dataclass
from ...system.untrusted_files import read_json

FILE_NAME = "times.json"
MAX_BYTES = 2**20
MAX_KEPT = 200
MAX_PER_WORK = 5
"""The estimate is the median of so many, since the load of a machine changes."""


@lazy_dataclass(frozen=True)
class Duration:
    """The duration of one job, and what it depends on.

    Attributes:
        device: "cpu", "cuda" or "mps".
        device_name: Name of the device for the user.
        seconds: Time from start to end of the job.
        start_s: Time from Generate to the start of the job if the worker had to be started, else 0.
    """

    model: str
    device: str
    device_name: str
    quality: str
    steps: int
    grid: int
    outputs: str
    seconds: float
    start_s: float = 0.0

    def is_valid(self) -> bool:
        """True if the values are valid, since the file is untrusted."""
        texts = (self.model, self.device, self.device_name, self.quality, self.outputs)
        numbers = (self.steps, self.grid, self.seconds)
        is_numbers = all(type(value) in (int, float) and 0 < value < 1e9 for value in numbers)
        is_start = type(self.start_s) in (int, float) and 0 <= self.start_s < 1e9
        return is_numbers and is_start and all(isinstance(text, str) for text in texts)

    def is_same_work(self, other: "Duration") -> bool:
        """True if everything but the times is equal."""
        return replace(self, seconds=other.seconds, start_s=other.start_s) == other


def read_durations(data_dir: Path) -> list[Duration]:
    """Return the saved durations, newest first; none if the file is missing or invalid."""
    try:
        found = [Duration(**values) for values in read_json(data_dir / FILE_NAME, MAX_BYTES)[:MAX_KEPT]]
    except (OSError, ValueError, TypeError, KeyError):
        return []
    return [duration for duration in found if duration.is_valid()]


def save_duration(data_dir: Path, duration: Duration) -> list[Duration]:
    """Save a duration in place of the oldest of five of the same work, and return all. Write errors are ignored."""
    times = read_durations(data_dir)
    if not duration.is_valid():
        return times
    dropped = [other for other in times if duration.is_same_work(other)][MAX_PER_WORK - 1 :]
    times = [duration, *(other for other in times if not any(other is each for each in dropped))][:MAX_KEPT]
    part = data_dir / f"{FILE_NAME}.{os.getpid()}.part"
    with contextlib.suppress(OSError):
        part.write_text(json.dumps([asdict(each) for each in times], indent=0), encoding="utf-8")
        os.replace(part, data_dir / FILE_NAME)
    return times
