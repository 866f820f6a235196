# SPDX-License-Identifier: GPL-3.0-or-later
"""failed.jsonl: a line for each failure of an object that is not made yet. The third one of an object is final."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..system.file_lock import FileLock
from ..system.files import replace_content
from ..system.untrusted_files import parse_json
from .drive_lock import acquired

MAX_ATTEMPTS = 3
MAX_BYTES = 2**28
LOCK_TIMEOUT_S = 10.0


class Failures:
    """The failures of an output folder, which several processes record.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, lock: Path) -> None:
        """Name the files, without creating one.

        Args:
            path: The file of failures.
            lock: A file to lock while it is written.
        """
        self.path, self._lock = path, lock

    def counts(self) -> dict[str, int]:
        """Return how often each object failed; lines that cannot be read are left out."""
        counts: dict[str, int] = {}
        for values in self.lines():
            counts[values["id"]] = counts.get(values["id"], 0) + 1
        return counts

    def lines(self) -> Iterator[dict[str, Any]]:
        """Return the lines that can be read, which have at least an ID."""
        with suppress(OSError):
            for line in self._read().splitlines():
                if values := values_of(line):
                    yield values

    def record(self, values: dict[str, Any]) -> None:
        """Append a failure as one line.

        Raises:
            OSError: It cannot be written.
        """
        line = json.dumps({**values, "time": time.time()}, ensure_ascii=False).encode() + b"\n"
        with self._locked(), self.path.open("ab+", buffering=0) as file:
            if size := file.seek(0, os.SEEK_END):
                file.seek(size - 1)
                line = line if file.read(1) == b"\n" else b"\n" + line  # a line was cut
            file.write(line)

    def clear(self, object_id: str) -> None:
        """Remove the failures of an object that was made; other lines are kept as they are, readable or not.

        Raises:
            OSError: The file cannot be written.
        """
        self._keep(lambda line: values_of(line).get("id") != object_id)

    def _keep(self, is_kept: Callable[[bytes], bool]) -> None:
        with self._locked(), suppress(FileNotFoundError):
            lines = self._read().splitlines(keepends=True)
            kept = list(filter(is_kept, lines))
            if kept:
                replace_content(self.path, b"".join(kept))
            elif lines:
                self.path.unlink()

    def _read(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(MAX_BYTES)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock; if it cannot be had, a line of another process may be lost, which then tries once more."""
        with FileLock(self._lock) as lock:
            acquired(lock, LOCK_TIMEOUT_S)
            yield


def values_of(line: bytes) -> dict[str, Any]:
    """Return the values of a line; {} for one that cannot be read or has no ID."""
    with suppress(ValueError):
        values = parse_json(line.decode())
        if isinstance(values, dict) and isinstance(values.get("id"), str):
            return values
    return {}
