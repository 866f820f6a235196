# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of `python -m blender_text3d.engine.weights`. Needs only the standard library."""

import sys

from ...system.console import use_lossy_console_encoding
from .cli import run


def main() -> int:
    """Run the command line of this process and return the exit code."""
    use_lossy_console_encoding()
    return run(None)


if __name__ == "__main__":
    sys.exit(main())
