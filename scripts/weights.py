#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""List, fetch, check, import and remove the official models' weights.

    python scripts/weights.py list
    python scripts/weights.py fetch shap-e/text300M
    python scripts/weights.py import /media/stick

Downloads happen only on request, here or in the add-on. Needs only the standard library.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.engine.weights.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
