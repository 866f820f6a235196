#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the connection to another machine over SSH, or run a module of the package there.

python scripts/remote.py HOST
python scripts/remote.py HOST environment make
python scripts/remote.py HOST engine.weights fetch shap-e/text300M
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.remote.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
