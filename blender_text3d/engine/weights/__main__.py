# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights as a program: `python -m blender_text3d.engine.weights --json missing MODEL`. Needs Python alone."""

import sys

from .command_line import run

if __name__ == "__main__":
    sys.exit(run(None))
