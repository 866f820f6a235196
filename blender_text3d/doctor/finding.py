# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a check: a line for users, an object for programs."""

import json
from dataclasses import asdict

from ..system.lazy_dataclass import lazy_dataclass

GOOD, WARN, BAD = "good", "warn", "bad"
LABELS = {GOOD: "ok  ", WARN: "note", BAD: "BAD "}


@lazy_dataclass(frozen=True)
class Finding:
    """The result of a check. The field names are the keys of the JSON object.

    Attributes:
        check: Short name for programs, which stays the same between versions.
        what: The subject of the check.
        state: "good", "warn" (works with limitations) or "bad" (prevents objects from being generated).
        found: The observed condition.
        wanted: The required condition; may be empty if the state is good.
        fix: What the user can do.
        button: Button in Blender that applies the fix, as in addon/state/problem.py; "" for none.
    """

    check: str
    what: str
    state: str
    found: str
    wanted: str = ""
    fix: str = ""
    button: str = ""

    def line(self) -> str:
        """Return the finding as one line of text."""
        wanted = f" Required: {self.wanted}." if self.wanted and self.state != GOOD else ""
        fix = f" Fix: {self.fix}" if self.fix and self.state != GOOD else ""
        return f"{LABELS.get(self.state, '?   ')} {self.what}: {self.found}.{wanted}{fix}"

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def parse_finding(line: str) -> Finding | None:
    """Return the finding in a line of JSON, or None if it contains none."""
    try:
        return Finding(**json.loads(line))
    except (ValueError, TypeError):
        return None
