#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official models' weights: list, fetch, check, import, remove, where.

    python scripts/weights.py list
    python scripts/weights.py fetch shap-e/text300M
    python scripts/weights.py import /media/stick

Nothing is downloaded unless you ask for it here or in the add-on. Needs Python alone.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.engine.weights.__main__ import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
