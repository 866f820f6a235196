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
    """

    message: str
    share: float = 0.0
    state: str = "working"
    fix: str = ""

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
