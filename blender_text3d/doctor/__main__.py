# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnostics' command line: `python -m blender_text3d.doctor`, or scripts/doctor.py."""

import argparse
import json
import sys
from collections.abc import Sequence

from ..system.console import use_lossy_console_encoding
from .context import Context, default_context
from .finding import BAD, Finding
from .report import report_text
from .run_checks import run_checks


def main(arguments: Sequence[str] | None = None) -> int:
    """Return exit code 0 if no finding prevents objects from being generated, else 1."""
    use_lossy_console_encoding()
    options = _parser().parse_args(arguments)
    context = default_context(
        options.data_folder, options.python, viewer=options.viewer, blender=options.blender, is_full=options.full
    )
    findings = []
    for finding in run_checks(context):
        findings.append(finding)
        if not options.report:
            _print(finding.to_json() if options.json else finding.line())
    _print_summary(findings, context, options)
    return 1 if _count_bad(findings) else 0


def _print_summary(findings: list[Finding], context: Context, options: argparse.Namespace) -> None:
    if options.report:
        _print(report_text(findings, context))
    elif options.json:
        _print(json.dumps({"report": report_text(findings, context)}))
    else:
        count = _count_bad(findings)
        _print(f"{count} problem{'s' * (count != 1)} to fix" if count else "All checks passed")


def _count_bad(findings: list[Finding]) -> int:
    return sum(finding.state == BAD for finding in findings)


def _parser() -> argparse.ArgumentParser:
    description = "Check what prevents objects from being generated, and how to fix it."
    parser = argparse.ArgumentParser(prog="doctor.py", description=description)
    parser.add_argument("--full", action="store_true", help="also generate a small object and read all weights")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a JSON object per line; the last one has the report")
    form.add_argument("--report", action="store_true", help="print a report without private data, for an issue")
    parser.add_argument("--data-folder", default="", help="data folder, if set in the preferences")
    parser.add_argument("--python", default="", help="Python override, if set in the preferences")
    parser.add_argument("--viewer", default="", help="URL of a Rerun viewer, if set in the preferences")
    parser.add_argument("--blender", type=json.loads, default={}, help=argparse.SUPPRESS)
    return parser


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
