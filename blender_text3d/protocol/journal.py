# SPDX-License-Identifier: GPL-3.0-or-later
"""A reader for events.jsonl that tolerates corrupt and oversized files."""

import sys
from pathlib import Path

from ..system.untrusted_files import require_regular_file

START_BYTES = 4 * 2**20
"""Many times what the longest job writes."""
END_BYTES = 2**16
LAST_BYTES = 2**14
"""Many times the length of an event."""


def journal_lines(journal: Path) -> list[str]:
    """Return all lines of a journal; of an oversized one, only those of its start and end.

    Raises:
        OSError: The file cannot be read.
    """
    require_regular_file(journal, sys.maxsize)
    with journal.open("rb") as file:
        start = file.read(START_BYTES)
        length = file.seek(0, 2)
        file.seek(max(len(start), length - END_BYTES))
        end = file.read(END_BYTES)
    content = start + (end if len(start) + len(end) >= length else b"\n" + end)
    return [line.decode("utf-8", "replace") for line in content.split(b"\n")]


def last_lines(journal: Path) -> list[str]:
    """Return the lines in the last LAST_BYTES of a journal, newest first; the oldest of them may be incomplete.

    Raises:
        OSError: The file cannot be read, or is a link.
    """
    require_regular_file(journal, sys.maxsize, follow_links=False)
    with journal.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - LAST_BYTES))
        lines = file.read(LAST_BYTES).split(b"\n")
    return [line.decode("utf-8", "replace") for line in reversed(lines)]
