# SPDX-License-Identifier: GPL-3.0-or-later
"""EventTail: what was appended to a journal since the last look."""

from pathlib import Path

from ..protocol.events import Event, event_from_json


class EventTail:
    """Reads whole lines from where it stopped; half a line waits for its end."""

    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self.offset_bytes = 0

    def new_events(self) -> list[Event]:
        """Events whose lines were completed since the last call; none while the file is out of reach."""
        try:
            with self.journal.open("rb") as file:
                file.seek(self.offset_bytes)
                appended = file.read()
        except OSError:
            return []
        whole_lines = appended[: appended.rfind(b"\n") + 1]
        self.offset_bytes += len(whole_lines)
        events = (event_from_json(line.decode("utf-8", "replace")) for line in whole_lines.splitlines())
        return [event for event in events if event is not None]
