# SPDX-License-Identifier: GPL-3.0-or-later
"""EventTail: what was appended to a journal since the last look."""

import sys
from pathlib import Path

from ..protocol.events import TERMINAL, Event, event_from_json
from ..system.untrusted_files import require_regular_file

DEFAULT_BYTES = 2**18
"""About a thousand events, which take a few milliseconds."""
MAX_BYTES = 2**22


class EventTail:
    """Reads whole lines from where it stopped; half a line waits for its end.

    A look takes a few milliseconds, however much there is to read: what it does not come to is for the next look. From
    a journal that has grown by far more than a job tells, only the end of the job is read.
    """

    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self.offset_bytes = 0

    def new_events(self) -> list[Event]:
        """Events whose lines were completed since the last call; none while the file is out of reach."""
        try:
            require_regular_file(self.journal, sys.maxsize)
            with self.journal.open("rb") as file:
                behind = file.seek(0, 2) - self.offset_bytes
                if behind < 0:  # somebody cut it: rather all of it twice than its end never
                    self.offset_bytes = 0
                file.seek(self.offset_bytes)
                read = file.read(DEFAULT_BYTES if behind < MAX_BYTES else MAX_BYTES)
        except OSError:
            return []
        whole = read[: read.rfind(b"\n") + 1]
        if not whole and len(read) >= DEFAULT_BYTES:  # no line of ours is as long as that
            whole = read
        self.offset_bytes += len(whole)
        lines = whole.split(b"\n") if len(whole) <= DEFAULT_BYTES else terminal_lines(whole)
        events = (event_from_json(line.decode("utf-8", "replace")) for line in lines)
        return [event for event in events if event is not None]


def terminal_lines(lines: bytes) -> list[bytes]:
    """The first line of each kind that may end a job."""
    found = (lines.find(f'"kind": "{event.kind}"'.encode()) for event in TERMINAL)
    places = sorted(place for place in found if place >= 0)
    return [lines[lines.rfind(b"\n", 0, place) + 1 :].split(b"\n", 1)[0] for place in places]
