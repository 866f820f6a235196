# SPDX-License-Identifier: GPL-3.0-or-later
"""The printed report of a file of recorded cases."""

import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.parity.case import Case, InvalidCase, read_cases
from scripts.parity.check import OutputCheck, check_outputs
from scripts.parity.glide_check import check_glide, is_glide


def report_file(file: Path, only: str | None) -> int:
    """Print the outputs of a file's cases, or of one of them; return the exit code."""
    try:
        return print_cases(file, only)
    except InvalidCase as error:
        print(f"parity: {error}", file=sys.stderr)
        return 2


def print_cases(file: Path, only: str | None) -> int:
    """Check and print the cases of a file; return 1 if any output differs, otherwise 0.

    Raises:
        InvalidCase: a file or a case cannot be checked.
    """
    cases = [case for case in read_cases(file) if only in (None, case.name)]
    if not cases:
        raise InvalidCase(f"{file} contains no case" + (f" named '{only}'." if only else "."))
    differing = 0
    for case in cases:
        for output in checked_outputs(case):
            print(format_line(output), flush=True)
            differing += not output.is_close
    print(f"{len(cases)} cases; " + (f"{differing} outputs differ" if differing else "all agree"))
    return int(differing > 0)


def checked_outputs(case: Case) -> Iterator[OutputCheck]:
    """Check each output of a case.

    Raises:
        InvalidCase: the case cannot be checked, or its shapes do not match.
    """
    try:
        yield from check_glide(case) if is_glide(case) else check_outputs(case)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidCase(f"The case '{case.name}' cannot be run ({reason}). Check that its shapes match.") from error


def format_line(output: OutputCheck) -> str:
    """Return the line of one output."""
    verdict = "" if output.is_close else "  differs"
    remark = f"  ({output.remark})" if output.remark else ""
    return f"{output.case:12} {output.output:24} {output.error:.1e}{verdict}{remark}"
