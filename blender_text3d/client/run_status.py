# SPDX-License-Identifier: GPL-3.0-or-later
"""RunStatus: the progress of a run over many objects, as its log has it: JSON lines like DIR/progress.json."""

import math
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ..protocol.journal import last_lines
from ..system.untrusted_files import parse_json

STOP_NAME = "stop"
VERSION = 1
STARTING, RUNNING, FINISHED, STOPPED, FAILED = "starting", "running", "finished", "stopped", "failed"
STATES = (STARTING, RUNNING, FINISHED, STOPPED, FAILED)
MAX_COUNT = 10**9
MAX_REASON_LENGTH = 500
SILENT_AFTER_S = 120.0
"""A run writes its progress every second; one that was silent for so long has probably died."""


class RunStatus(NamedTuple):
    """A run at one moment.

    Attributes:
        state: One of STATES.
        reason: Why it failed, or "".
        total, done, failed, existed: Numbers of objects: all, made by this run, failed, and made before.
        objects_per_s: Rate; 0 if unknown.
        eta_s: Seconds that the rest takes; None if unknown.
        actors: Processes that make objects.
        updated_at: Unix time in seconds.
    """

    state: str
    reason: str = ""
    total: int = 0
    done: int = 0
    failed: int = 0
    existed: int = 0
    objects_per_s: float = 0.0
    eta_s: int | None = None
    actors: int = 0
    updated_at: float = 0.0

    @property
    def is_ended(self) -> bool:
        """True if the run makes no more objects."""
        return self.state in (FINISHED, STOPPED, FAILED)

    @property
    def is_silent(self) -> bool:
        """True if a run that has not ended has not written for a long time."""
        return not self.is_ended and abs(time.time() - self.updated_at) > SILENT_AFTER_S

    @property
    def share_done(self) -> float:
        """Share of the objects that are there or have failed, 0 to 1."""
        return min(1.0, (self.done + self.existed + self.failed) / self.total) if self.total else 0.0


def read_status(log: Path) -> RunStatus | None:
    """Return the newest progress in the end of a log, or None without one."""
    try:
        lines = last_lines(log)
    except OSError:
        return None
    return next((status for line in lines if (status := parse_status(line))), None)


def last_sentence(log: Path) -> str:
    """Return the newest line of a log that is no JSON, which tells why a run has ended; "" without one."""
    try:
        lines = last_lines(log)
    except OSError:
        return ""
    return next((line.strip()[:MAX_REASON_LENGTH] for line in lines if line.strip() and not line.startswith("{")), "")


def parse_status(line: str) -> RunStatus | None:
    """Return the progress in a line of a log, or None if it is something else."""
    try:
        values = parse_json(line)
    except ValueError:
        return None
    if not isinstance(values, dict) or values.get("version") != VERSION or values.get("state") not in STATES:
        return None
    counts = {name: count_of(values.get(name)) for name in ("total", "done", "failed", "existed", "actors")}
    eta_s = values.get("eta_s")
    return RunStatus(
        values["state"],
        str(values.get("reason", ""))[:MAX_REASON_LENGTH],
        objects_per_s=rate_of(values.get("objects_per_s")),
        eta_s=count_of(eta_s) if eta_s is not None else None,
        updated_at=time_of(values.get("updated_at")),
        **counts,
    )


def count_of(value: Any) -> int:
    """Return a number of objects; 0 for anything else."""
    return min(value, MAX_COUNT) if type(value) is int and value >= 0 else 0


def rate_of(value: Any) -> float:
    """Return a rate; 0 for anything else."""
    is_rate = isinstance(value, int | float) and math.isfinite(value) and value >= 0
    return float(min(value, MAX_COUNT)) if is_rate else 0.0


def time_of(value: Any) -> float:
    """Return the Unix time of an ISO 8601 text in UTC; 0 for anything else."""
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
    except (TypeError, ValueError, OverflowError):
        return 0.0


class FollowedRun:
    """A run that is followed by its log; its output folder, maybe on a slow network drive, is not read.

    Attributes:
        folder: The output folder.
        output: The log.
    """

    folder: Path
    output: Path

    def status(self) -> RunStatus | None:
        """Return what the run has written last, or None before that."""
        return read_status(self.output)

    def last_sentence(self) -> str:
        """Return the last sentence that the run wrote, which tells why it could not start; "" without one."""
        return last_sentence(self.output)

    def request_stop(self) -> None:
        """Ask the run to stop after what its processes make now.

        Raises:
            OSError: The folder cannot be written.
        """
        (self.folder / STOP_NAME).touch()

    def remove_output(self) -> None:
        """Keep the output: it is the log of the run."""
