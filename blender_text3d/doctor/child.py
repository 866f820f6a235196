# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnostics as a child process of Blender, whose findings can be read while it runs."""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ..system.child import Child
from .finding import Finding, parse_finding

TIMEOUT_S, FULL_TIMEOUT_S = 300.0, 2700.0


class DoctorChild(Child):
    """A run of all checks. Its output is in the system's temporary folder: the data folder may be the problem."""

    def __init__(self, *, data_folder: str, python: str, viewer: str, blender: dict[str, Any], is_full: bool = False):
        """Create a folder for the output, and start nothing.

        Args:
            data_folder: Data folder from the preferences, or "".
            python: Python override from the preferences, or "".
            viewer: URL of a viewer from the preferences, or "".
            blender: Facts about Blender, as in Context.
            is_full: True to also generate an object.

        Raises:
            OSError: There is no folder for temporary files.
        """
        arguments = ["--json", "--data-folder", data_folder, "--python", python, f"--viewer={viewer}"]
        arguments += ["--blender", json.dumps(blender), *(["--full"] if is_full else [])]
        folder = Path(tempfile.mkdtemp(prefix="text3d-doctor-"))
        super().__init__(sys.executable, "doctor", arguments, folder / "findings.jsonl")
        self._deadline = time.monotonic() + (FULL_TIMEOUT_S if is_full else TIMEOUT_S)

    def is_late(self) -> bool:
        """True if it should have exited by now."""
        return time.monotonic() > self._deadline

    def findings(self) -> list[Finding]:
        """Return the findings so far."""
        return [finding for line in self._lines() if (finding := parse_finding(line))]

    def report(self) -> str:
        """Return the report, which is the last line, or "" before that."""
        for line in reversed(self._lines()):
            try:
                return str(json.loads(line)["report"])
            except (ValueError, KeyError, TypeError):
                continue
        return ""

    def last_line(self) -> str:
        """Return the last line of output, which may be an error of Python itself, or "nothing"."""
        return next((line.strip() for line in reversed(self._lines()) if line.strip()), "nothing")

    def remove_output(self) -> None:
        """Remove the output file and its folder."""
        shutil.rmtree(self.output.parent, ignore_errors=True)

    def _lines(self) -> list[str]:
        try:
            text = self.output.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text[: text.rfind("\n") + 1].splitlines()
