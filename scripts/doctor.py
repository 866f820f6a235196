#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check what prevents objects from being generated on this machine, and how to fix it.

    python scripts/doctor.py                 print a line per check; exit code 1 if there is a problem to fix
    python scripts/doctor.py --full          also generate a small object, and read all weights
    python scripts/doctor.py --report        print a report without private data, to paste into an issue

Needs only Python, and changes nothing.
"""

import sys
from pathlib import Path

MIN_PYTHON = (3, 11)

if sys.version_info < MIN_PYTHON:
    sys.exit("BAD  This Python: %d.%d. Required: 3.11 or newer. Fix: use a newer one." % sys.version_info[:2])  # noqa: UP031  (runs on old versions)

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.doctor.__main__ import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
