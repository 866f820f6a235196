# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a test suite, counted from pytest's report and not from its exit code alone."""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

CRASHED_AT_EXIT = {-11, 139}


@dataclass(frozen=True)
class Outcome:
    """Counts of one suite, with a note if they need one."""

    suite: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    note: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return f"{self.suite:15} {counts:42} {self.seconds:6.0f} s  {self.note}".rstrip()


def pytest_outcome(suite: str, report: Path, exit_code: int, *, may_crash_at_exit: bool, seconds: float) -> Outcome:
    """Judge a run of pytest.

    Args:
        suite: Name of the suite.
        report: JUnit file that pytest writes after the last test.
        exit_code: Exit code of pytest.
        may_crash_at_exit: True for Blender 4.2 as a module, which may crash after the report.
        seconds: Duration.

    Returns:
        The counts; at least one failure unless tests ran, the report is complete and the process ended normally.
    """
    counts = _counts(report)
    if counts is None:
        return Outcome(suite, failed=1, note=f"ended with exit code {exit_code} before its last test", seconds=seconds)
    total, failed, skipped = counts
    crashed_at_exit = may_crash_at_exit and exit_code in CRASHED_AT_EXIT
    note = "this Blender crashed at exit, after the report" if crashed_at_exit else ""
    if total == skipped:
        failed, note = max(failed, 1), "no test ran"
    elif exit_code and not failed and not crashed_at_exit:
        failed, note = 1, f"pytest ended with exit code {exit_code}"
    return Outcome(suite, max(total - failed - skipped, 0), failed, skipped, note, seconds)


def _counts(report: Path) -> tuple[int, int, int] | None:
    """Return the numbers of tests, failures and skipped tests, or None without a complete report."""
    try:
        suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    except (OSError, ElementTree.ParseError):
        return None
    numbers = [[int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")] for suite in suites]
    tests, failures, errors, skipped = map(sum, zip(*numbers, strict=True))
    return tests, failures + errors, skipped
