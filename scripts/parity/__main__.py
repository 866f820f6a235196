#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold our networks and solvers against recorded numbers of the official packages.

    python scripts/parity point_e
    python scripts/parity shap_e.npz --only heun

FILE.npz and FILE.json hold the cases. Each output gets one line: case, output, largest relative error. The exit code is
0 when all are within 1e-4, 1 when one is not, 2 when a file or a case cannot be checked.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.parity.case import BadCase, Case, read_cases
from scripts.parity.check import Finding, findings


def main(arguments: list[str] | None = None) -> int:
    """Print a line an output; the exit code says how it went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="FILE.npz or FILE.json or both's name without the ending")
    parser.add_argument("--only", help="check one case")
    options = parser.parse_args(arguments)
    try:
        return check(options.file, options.only)
    except BadCase as error:
        print(f"parity: {error}", file=sys.stderr)
        return 2


def check(file: Path, only: str | None) -> int:
    """Check the cases of a file.

    Raises:
        BadCase: a file or a case cannot be checked.
    """
    cases = [case for case in read_cases(file) if only in (None, case.name)]
    if not cases:
        raise BadCase(f"{file} holds no case" + (f" called '{only}'." if only else "."))
    far = 0
    for case in cases:
        for finding in found_in(case):
            print(line_of(finding), flush=True)
            far += not finding.is_near
    print(f"{len(cases)} cases; " + (f"{far} outputs differ" if far else "all agree"))
    return int(far > 0)


def found_in(case: Case) -> Iterator[Finding]:
    """What comes of each output of a case.

    Raises:
        BadCase: the case cannot be checked, or its sizes do not fit one another.
    """
    try:
        yield from findings(case)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        reason = str(error).splitlines()[0]
        raise BadCase(f"The case '{case.name}' cannot be run; do its sizes fit one another? ({reason})") from error


def line_of(finding: Finding) -> str:
    """One output as a line."""
    verdict = "" if finding.is_near else "  differs"
    remark = f"  ({finding.remark})" if finding.remark else ""
    return f"{finding.case:12} {finding.output:24} {finding.error:.1e}{verdict}{remark}"


if __name__ == "__main__":
    sys.exit(main())
