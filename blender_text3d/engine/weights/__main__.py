# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights as a program: `python -m blender_text3d.engine.weights --json missing MODEL`. Needs Python alone."""

import sys

from ...system.console import print_any_letter
from .cli import run


def main() -> int:
    """Do what the command line says; gives the exit code."""
    print_any_letter()
    return run(None)


if __name__ == "__main__":
    sys.exit(main())
