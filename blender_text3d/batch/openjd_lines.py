# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines on stdout by which a program tells an Open Job Description runner its progress.

Source: https://github.com/OpenJobDescription/openjd-specifications, How Jobs Are Run, messages from the running action.
"""

import sys

from ..system.console import sanitized


class OpenJdLines:
    """Progress and status of a task, as openjd_progress, openjd_status and openjd_fail.

    Args:
        total: Number of objects.
    """

    def __init__(self, total: int) -> None:
        self._total, self._done, self._failed = total, 0, 0
        self._progress()

    def add(self, name: str, *, has_failed: bool) -> None:
        """Tell that an object is done, made or not."""
        self._done += 1
        self._failed += has_failed
        self._progress()
        failed = f", {self._failed} failed" if self._failed else ""
        _print("status", f"{self._done} of {self._total}{failed}: {name}")

    def end(self, failed: int, reason: str) -> None:
        """Tell why the task fails, if it does; the exit code makes it fail.

        Args:
            failed: Number of objects and entries that failed.
            reason: Reason of the first of them.
        """
        if failed:
            _print("fail", f"{failed} failed, the first because: {reason}")

    def _progress(self) -> None:
        _print("progress", f"{100 * self._done / max(self._total, 1):.1f}")


def _print(kind: str, text: str) -> None:
    sys.stdout.write(f"openjd_{kind}: {sanitized(text)}\n")
    sys.stdout.flush()
