# SPDX-License-Identifier: GPL-3.0-or-later
"""The names in the jobs folder, and the time per tick for reading it. No bpy."""

import os
from pathlib import Path

SHARE_OF_TICK_S = 0.004


def names_in(jobs_dir: Path) -> list[str]:
    """Return the names of everything that may be a job folder, or none if the folder cannot be read."""
    try:
        return [name for name in os.listdir(jobs_dir) if not name.startswith(".") and not name.endswith(".log")]
    except OSError:
        return []
