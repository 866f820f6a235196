# SPDX-License-Identifier: GPL-3.0-or-later
"""How long objects took on this machine, kept in the data folder for all sessions. No bpy."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ...system.untrusted_files import read_json

FILE_NAME = "times.json"
MAX_BYTES = 2**20
MAX_KEPT = 200


@dataclass(frozen=True)
class Duration:
    """One object's time.

    Attributes:
        device: "cpu", "cuda" or "mps".
        device_name: What a person calls it.
        seconds: From the job's beginning to its end.
    """

    model: str
    device: str
    device_name: str
    quality: str
    steps: int
    grid: int
    outputs: str
    seconds: float

    def is_valid(self) -> bool:
        """Whether its values are what they should be; the file may be anybody's."""
        words = (self.model, self.device, self.device_name, self.quality, self.outputs)
        numbers = (self.steps, self.grid, self.seconds)
        is_numbers = all(type(value) in (int, float) and 0 < value < 1e9 for value in numbers)
        return is_numbers and all(isinstance(word, str) for word in words)

    def is_same_work(self, other: "Duration") -> bool:
        """Whether all but the time is the same."""
        return replace(self, seconds=other.seconds) == other


def read_durations(data_dir: Path) -> list[Duration]:
    """What was kept, the newest first; nothing where that cannot be read."""
    try:
        found = [Duration(**values) for values in read_json(data_dir / FILE_NAME, MAX_BYTES)[:MAX_KEPT]]
    except (OSError, ValueError, TypeError, KeyError):
        return []
    return [took for took in found if took.is_valid()]


def save_duration(data_dir: Path, took: Duration) -> list[Duration]:
    """Put a time before all others, in place of an older one of the same; gives all. What cannot be written is lost."""
    if not took.is_valid():
        return read_durations(data_dir)
    times = [took, *(other for other in read_durations(data_dir) if not took.is_same_work(other))][:MAX_KEPT]
    part = data_dir / f"{FILE_NAME}.{os.getpid()}.part"
    with contextlib.suppress(OSError):
        part.write_text(json.dumps([asdict(each) for each in times], indent=0), encoding="utf-8")
        os.replace(part, data_dir / FILE_NAME)
    return times
