# SPDX-License-Identifier: GPL-3.0-or-later
"""What the child that makes an environment says: JSON lines, one Progress each."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Progress:
    """News from the making of an environment.

    Attributes:
        message: A line for the user.
        share: How much is done, 0 to 1.
        state: "working", and on the last line "ready" or "failed".
        fix: What to do, where it failed.
        done_bytes: What has been written to the disk meanwhile.
        of_bytes: About how much that will be in all; 0 where it is not known.
        bytes_per_s: The pace of late; 0 where nothing comes.
        left_s: Seconds, at that pace; None where that cannot be said.
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
        return json.dumps(asdict(self))


def newest_progress(text: str) -> Progress | None:
    """The last whole line's news; None before the first. A half-written last line is left for the next look."""
    for line in reversed(text.split("\n")[:-1]):
        try:
            return Progress(**json.loads(line))
        except (ValueError, TypeError):
            continue
    return None
