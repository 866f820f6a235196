#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the engine's networks and solvers with recorded outputs of the official packages.

    python scripts/parity point_e
    python scripts/parity shap_e.npz --only heun

FILE.npz and FILE.json contain the cases. One line is printed per output: case, output, largest relative error. The exit
code is 0 if all are within 1e-4, 1 if any differs, 2 if a file or a case cannot be checked. Run it with the worker's
Python.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main(arguments: list[str] | None = None) -> int:
    """Print one line per output; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="parity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="FILE.npz or FILE.json, the suffix can be left out")
    parser.add_argument("--only", help="check one case")
    options = parser.parse_args(arguments)
    from scripts.parity.report import report_file  # --help works in any Python

    return report_file(options.file, options.only)


if __name__ == "__main__":
    sys.exit(main())
