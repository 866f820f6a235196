# SPDX-License-Identifier: GPL-3.0-or-later
"""EventTail: the new events of a growing journal."""

import os
import sys
from pathlib import Path

from ..protocol.events import TERMINAL, Event, event_from_json
from ..system.untrusted_files import require_regular_file

CHUNK_BYTES = 2**18
"""About a thousand events, which are parsed in a few milliseconds."""
MAX_BACKLOG_BYTES = 2**22
"""Beyond this, only the end of the job is looked for."""


class EventTail:
    """Reads complete lines from where it stopped; an incomplete line is left for later.

    A call takes a few milliseconds, however much there is to read; the rest is left to the next call. From a journal
    that has grown by far more than a job writes, only the terminal event is read.
    """

    def __init__(self, journal: Path) -> None:
        """Start at the beginning of a journal, which may not exist yet."""
        self.journal = journal
        self.offset_bytes = 0

    def new_events(self) -> list[Event]:
        """Return events whose lines were completed since the last call; none if the file cannot be read."""
        try:
            require_regular_file(self.journal, sys.maxsize)
            if os.stat(self.journal).st_size == self.offset_bytes:  # as mostly, when it is polled
                return []
            with self.journal.open("rb") as file:
                backlog_bytes = file.seek(0, 2) - self.offset_bytes
                if backlog_bytes < 0:  # truncated: read it again rather than miss its end
                    self.offset_bytes = 0
                file.seek(self.offset_bytes)
                chunk = file.read(CHUNK_BYTES if backlog_bytes < MAX_BACKLOG_BYTES else MAX_BACKLOG_BYTES)
        except OSError:
            return []
        complete = chunk[: chunk.rfind(b"\n") + 1]
        if not complete and len(chunk) >= CHUNK_BYTES:  # no event has such a long line: skip it
            complete = chunk
        self.offset_bytes += len(complete)
        lines = complete.split(b"\n")[:-1] if len(complete) <= CHUNK_BYTES else terminal_lines(complete)
        events = (event_from_json(line.decode("utf-8", "replace")) for line in lines)
        return [event for event in events if event is not None]


def terminal_lines(lines: bytes) -> list[bytes]:
    """Return the first line of each terminal kind of event, in order."""
    positions = (lines.find(f'"kind": "{event.kind}"'.encode()) for event in TERMINAL)
    found = sorted(position for position in positions if position >= 0)
    return [lines[lines.rfind(b"\n", 0, position) + 1 :].split(b"\n", 1)[0] for position in found]
