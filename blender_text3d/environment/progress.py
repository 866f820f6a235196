# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of an environment's action: one JSON line each on the output of `python -m blender_text3d.environment`."""

import json
from typing import NamedTuple


class Progress(NamedTuple):
    """Progress of an action. The field names are the keys of the JSON line.

    Attributes:
        message: A line for the user.
        share: Completed share of the work, 0 to 1.
        state: "working", and on the last line "ready" or "failed".
        fix: What the user can do after a failure.
        done_bytes: Bytes written to disk so far.
        of_bytes: Estimated total of those; 0 if unknown.
        bytes_per_s: Current write rate; 0 while nothing is written.
        left_s: Estimated remaining time in seconds, or None if unknown.
    """

    message: str
    share: float = 0.0
    state: str = "working"
    fix: str = ""
    done_bytes: int = 0
    of_bytes: int = 0
    bytes_per_s: float = 0.0
    left_s: float | None = None

    def to_json(self) -> str:
        return json.dumps(self._asdict())


def last_progress(text: str) -> Progress | None:
    """Return the progress in the last complete line, or None if there is none yet."""
    for line in reversed(text.split("\n")[:-1]):
        try:
            return Progress(**json.loads(line))
        except (ValueError, TypeError):
            continue
    return None
