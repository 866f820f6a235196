# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of a run as Rerun scalars, to see in one picture how it went."""

import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ...protocol.errors import BadRequest

NAMES = ("waiting", "running", "done", "failed", "stolen", "existed", "actors", "objects_per_s")
TIMELINE = "elapsed"


class RerunScalars:
    """A recording of progress.

    Args:
        path: Its file.

    Raises:
        BadRequest: Rerun is not installed, or the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            import rerun
        except ImportError as error:
            raise BadRequest(f"--rerun needs Rerun ({error}). Run this with the Python that Set Up made.") from error
        self._rerun = rerun
        self._start = time.monotonic()
        self._recording = rerun.RecordingStream("text3d_batch")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.open("wb").close()  # Rerun itself reports a file that it cannot write only later, and elsewhere
            self._recording.save(path)
        except OSError as error:
            raise BadRequest(f"The recording {path} cannot be written ({error.strerror}). Name another.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._recording.flush()
        self._recording.disconnect()

    def add(self, progress: Mapping[str, Any]) -> None:
        """Log the values of progress.json."""
        self._recording.set_time(TIMELINE, duration=time.monotonic() - self._start)
        for name in NAMES:
            self._recording.log(f"batch/{name}", self._rerun.Scalars(float(progress[name])))
