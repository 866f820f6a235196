# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights as a program: `python -m blender_text3d.engine.weights --json missing shap-e/text`. Needs no torch."""

import sys

from .command_line import run

if __name__ == "__main__":
    sys.exit(run(None))
