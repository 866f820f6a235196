# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a worker waits for something to do."""

import math
import queue
import threading
from collections.abc import Iterator, Mapping
from typing import TextIO

IDLE_VARIABLE = "BLENDER_TEXT3D_IDLE_S"
DEFAULT_IDLE_S = 15 * 60.0


def idle_timeout_s(variables: Mapping[str, str]) -> float | None:
    """Seconds to wait before leaving, as the environment says; None to wait for ever, which it calls 0."""
    try:
        asked = float(variables.get(IDLE_VARIABLE, DEFAULT_IDLE_S))
    except ValueError:
        asked = DEFAULT_IDLE_S
    if not math.isfinite(asked) or asked < 0 or asked > threading.TIMEOUT_MAX:
        asked = DEFAULT_IDLE_S
    return asked or None


class LineReader:
    """Lines, until there is none for so long; a line is read only when it is asked for.

    Reading waits in a thread of its own, since Windows cannot wait for a pipe with a limit. Nothing ends that thread
    but a line or the end of the process.

    Attributes:
        was_silent: Whether it ended because no line came.
    """

    def __init__(self, lines: TextIO, within_s: float | None) -> None:
        self._lines = lines
        self._within_s = within_s
        self.was_silent = False

    def __iter__(self) -> Iterator[str]:
        while line := self._next():
            yield line

    def _next(self) -> str:
        """The next line; "" at the end or after the silence."""
        if self._within_s is None:
            return self._lines.readline()
        read: queue.SimpleQueue[str] = queue.SimpleQueue()
        try:
            threading.Thread(target=self._read_into, args=(read,), daemon=True).start()
        except RuntimeError:  # no memory for a thread
            return self._lines.readline()
        try:
            return read.get(timeout=self._within_s)
        except queue.Empty:
            self.was_silent = True
            return ""

    def _read_into(self, read: "queue.SimpleQueue[str]") -> None:
        line = ""
        try:
            line = self._lines.readline()
        finally:  # whatever went wrong is an end, not a silence
            read.put(line)
