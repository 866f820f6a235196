# SPDX-License-Identifier: GPL-3.0-or-later
"""Room on the disk: asked before the first byte, and named when it runs out all the same."""

import errno
import shutil
from pathlib import Path

from ..catalogue import CheckpointFile
from ..errors import DownloadFailed
from ..formats.safetensors_header import MAX_HEADER_BYTES

SPARE_BYTES = 64_000_000
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def most_bytes(form: CheckpointFile) -> int:
    """The most that a file may have, whatever its source says of it."""
    return form.size or 2 * form.about_bytes + MAX_HEADER_BYTES


def require_free_space(folder: Path, missing_bytes: int) -> None:
    """See that a folder's disk can take what is to come.

    Raises:
        DownloadFailed: It cannot.
    """
    free = shutil.disk_usage(folder).free
    if free < missing_bytes + SPARE_BYTES:
        raise DownloadFailed(
            f"{missing_bytes / 1e9:.1f} GB are to come, and {folder} has {free / 1e9:.1f} GB free. Free some space, or "
            "choose another folder with BLENDER_TEXT3D_WEIGHTS."
        )


def cannot_write(path: Path, error: OSError) -> DownloadFailed:
    """What to say where a file cannot be written."""
    if error.errno in FULL:
        why = "The disk is full"
    else:
        why = f"The folder cannot be written ({error.strerror or error})"
    return DownloadFailed(f"{why}: {path}. What has come so far is kept; free some space or choose another folder.")
