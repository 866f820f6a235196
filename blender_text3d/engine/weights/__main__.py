# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights as a program: `python -m blender_text3d.engine.weights --json missing MODEL`. Needs Python alone."""

import sys

from ...system.console import use_lossy_console_encoding
from .cli import run


def main() -> int:
    """Do what the command line says; gives the exit code."""
    use_lossy_console_encoding()
    return run(None)


if __name__ == "__main__":
    sys.exit(main())
