# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor as a child of Blender: what it found so far, without waiting."""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ..system.child import Child
from .finding import Finding, parse_finding

WITHIN_S, FULL_WITHIN_S = 300.0, 2700.0


class DoctorChild(Child):
    """One look at everything. What it says goes to the system's folder for temporary files: ours may be what is ill."""

    def __init__(self, *, data_folder: str, python: str, viewer: str, blender: dict[str, Any], is_full: bool = False):
        """Makes a folder for what it says, starts nothing.

        Args:
            data_folder: As the preferences name it, or "".
            python: The worker's, if the preferences name one.
            viewer: Address of a viewer, if the preferences name one.
            blender: What Blender says of itself.
            is_full: Whether to make an object as well.

        Raises:
            OSError: There is no folder for temporary files.
        """
        arguments = ["--json", "--data-folder", data_folder, "--python", python, f"--viewer={viewer}"]
        arguments += ["--blender", json.dumps(blender), *(["--full"] if is_full else [])]
        folder = Path(tempfile.mkdtemp(prefix="text3d-doctor-"))
        super().__init__(sys.executable, "doctor", arguments, folder / "findings.jsonl")
        self._until = time.monotonic() + (FULL_WITHIN_S if is_full else WITHIN_S)

    def is_late(self) -> bool:
        """Whether it should have ended by now."""
        return time.monotonic() > self._until

    def findings(self) -> list[Finding]:
        """All that it found so far."""
        return [finding for line in self._lines() if (finding := parse_finding(line))]

    def report(self) -> str:
        """The report, which is its last word; "" before that."""
        for line in reversed(self._lines()):
            try:
                return str(json.loads(line)["report"])
            except (ValueError, KeyError, TypeError):
                continue
        return ""

    def last_line(self) -> str:
        """The last line of all, which may be an error of Python's own."""
        return next((line.strip() for line in reversed(self._lines()) if line.strip()), "nothing")

    def remove_output(self) -> None:
        """Remove the file of what it said."""
        shutil.rmtree(self.output.parent, ignore_errors=True)

    def _lines(self) -> list[str]:
        try:
            text = self.output.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text[: text.rfind("\n") + 1].splitlines()
