# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor as a program: `python -m blender_text3d.doctor`, which is scripts/doctor.py."""

import argparse
import json
import sys
from collections.abc import Sequence

from ..system.console import use_lossy_console_encoding
from .context import Context, default_context
from .finding import BAD, Finding
from .report import report_text
from .run_checks import run_checks

FINE, ILL = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 where nothing keeps objects from being made, else 1."""
    use_lossy_console_encoding()
    options = _parser().parse_args(arguments)
    case = default_context(
        options.data_folder, options.python, viewer=options.viewer, blender=options.blender, is_full=options.full
    )
    findings = []
    for finding in run_checks(case):
        findings.append(finding)
        if not options.report:
            _say(finding.to_json() if options.json else finding.line())
    _say_end(findings, case, options)
    return ILL if any(finding.state == BAD for finding in findings) else FINE


def _say_end(findings: list[Finding], case: Context, options: argparse.Namespace) -> None:
    if options.report:
        _say(report_text(findings, case))
    elif options.json:
        _say(json.dumps({"report": report_text(findings, case)}))
    else:
        count = sum(finding.state == BAD for finding in findings)
        _say(f"{count} to be mended" if count else "Nothing keeps objects from being made")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="doctor.py", description="What keeps objects from being made, and the fix.")
    parser.add_argument("--full", action="store_true", help="make a small object too, and read all files of weights")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="an object for each line; the last holds the report")
    how.add_argument("--report", action="store_true", help="the lines without anything private, for an issue")
    parser.add_argument("--data-folder", default="", help="the data folder, if the preferences name one")
    parser.add_argument("--python", default="", help="the worker's Python, if the preferences name one")
    parser.add_argument("--viewer", default="", help="address of a Rerun viewer, if the preferences name one")
    parser.add_argument("--blender", type=json.loads, default={}, help=argparse.SUPPRESS)
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
