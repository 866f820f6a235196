# SPDX-License-Identifier: GPL-3.0-or-later
"""What one look found: a line for people, an object for programs."""

import json
from dataclasses import asdict, dataclass

GOOD, WARN, BAD = "good", "warn", "bad"
MARKS = {GOOD: "ok  ", WARN: "note", BAD: "BAD "}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's.

    Attributes:
        check: A short name that stays the same, for programs.
        what: What was looked at.
        state: "good", "warn" (works, but not as it could) or "bad" (keeps objects from being made).
        found: What is there.
        wanted: What should be; may be empty where all is well.
        fix: What the user can do.
        button: What in Blender does it, as in addon/trouble.py; "" for nothing.
    """

    check: str
    what: str
    state: str
    found: str
    wanted: str = ""
    fix: str = ""
    button: str = ""

    def line(self) -> str:
        """All of it on one line."""
        wanted = f" Wanted: {self.wanted}." if self.wanted and self.state != GOOD else ""
        fix = f" Fix: {self.fix}" if self.fix and self.state != GOOD else ""
        return f"{MARKS.get(self.state, '?   ')} {self.what}: {self.found}.{wanted}{fix}"

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def parse_finding(line: str) -> Finding | None:
    """The finding on one line; None where there is none."""
    try:
        return Finding(**json.loads(line))
    except (ValueError, TypeError):
        return None
