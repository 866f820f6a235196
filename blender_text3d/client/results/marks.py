# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks of a result: an empty file each in its job folder, so that two Blenders that set the same one agree."""

import os

from ...protocol.job_folder import JobFolder
from ...system.files import create_exclusive

STARRED, REJECTED = "starred", "rejected"
OPPOSITE = {STARRED: REJECTED, REJECTED: STARRED}


def is_marked(folder: JobFolder, mark: str) -> bool:
    """True if the result has the mark."""
    return os.path.lexists(folder.path / mark)


def set_mark(folder: JobFolder, mark: str, *, on: bool) -> None:
    """Set or remove a mark; a result that is starred is no longer rejected, and the other way round.

    Raises:
        OSError: The folder is gone or cannot be written.
    """
    if not on:
        (folder.path / mark).unlink(missing_ok=True)
        return
    (folder.path / OPPOSITE[mark]).unlink(missing_ok=True)
    create_exclusive(folder.path / mark, "")
