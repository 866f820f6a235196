# SPDX-License-Identifier: GPL-3.0-or-later
"""The names in the jobs folder, and the time per tick for reading it. No bpy."""

import os
from pathlib import Path

SHARE_OF_TICK_S = 0.004


def names_in(jobs_dir: Path) -> list[str]:
    """Return the names of everything that may be a job folder, or none if the folder cannot be read."""
    return job_names(all_names_in(jobs_dir))


def job_names(names: list[str]) -> list[str]:
    """Return those names in the jobs folder that may be job folders."""
    return [name for name in names if not name.startswith(".") and not name.endswith(".log")]


def all_names_in(jobs_dir: Path) -> list[str]:
    """Return the names of everything in the jobs folder, or none if it cannot be read."""
    try:
        return os.listdir(jobs_dir)
    except OSError:
        return []
