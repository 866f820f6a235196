#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps objects from being made on this machine, and what to do about it.

    python scripts/doctor.py                 a line for each thing looked at; exit code 1 if one must be mended
    python scripts/doctor.py --full          make a small object as well, and read all files of weights
    python scripts/doctor.py --report        the same lines without anything private, to paste into an issue

Needs Python alone, and changes nothing.
"""

import sys
from pathlib import Path

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    sys.exit("BAD  This Python is %d.%d. Wanted: 3.11 or newer. Fix: name a newer one." % sys.version_info[:2])  # noqa: UP031

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.doctor.__main__ import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
