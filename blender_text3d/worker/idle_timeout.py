# SPDX-License-Identifier: GPL-3.0-or-later
"""The idle timeout: how long the worker waits for the next command."""

import math
import queue
import threading
from collections.abc import Iterator, Mapping
from typing import TextIO

IDLE_VARIABLE = "BLENDER_TEXT3D_IDLE_S"
DEFAULT_IDLE_S = 15 * 60.0


def idle_timeout_s(variables: Mapping[str, str]) -> float | None:
    """Return the idle timeout in seconds from environment variables; None, written as 0 there, is no timeout."""
    try:
        seconds = float(variables.get(IDLE_VARIABLE, DEFAULT_IDLE_S))
    except ValueError:
        seconds = DEFAULT_IDLE_S
    if not math.isfinite(seconds) or seconds < 0 or seconds > threading.TIMEOUT_MAX:
        seconds = DEFAULT_IDLE_S
    return seconds or None


class LineReader:
    """Iterator over lines that ends when none arrives in time; a line is read only when it is requested.

    Reading blocks in a thread of its own, since Windows cannot wait for a pipe with a timeout. Only a line or the end
    of the process ends that thread.

    Attributes:
        timed_out: True if the iteration ended because no line arrived in time.
    """

    def __init__(self, lines: TextIO, timeout_s: float | None) -> None:
        self._lines = lines
        self._timeout_s = timeout_s
        self._read: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.timed_out = False

    def __iter__(self) -> Iterator[str]:
        while line := self._next():
            yield line

    def stop(self) -> None:
        """End the iteration from another thread, at the latest when the next line is requested."""
        self._read.put("")

    def _next(self) -> str:
        """Return the next line, or "" at the end or after the timeout."""
        try:
            threading.Thread(target=self._read_line, daemon=True).start()
        except RuntimeError:  # no memory for a thread
            return self._lines.readline()
        try:
            return self._read.get(timeout=self._timeout_s)
        except queue.Empty:
            self.timed_out = True
            return ""

    def _read_line(self) -> None:
        line = ""
        try:
            line = self._lines.readline()
        finally:  # an error counts as the end of the input, not as a timeout
            self._read.put(line)
