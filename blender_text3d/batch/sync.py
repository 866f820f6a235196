# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until files are on the disk, so that a power cut leaves nothing half written under its final name."""

import os
from pathlib import Path


def sync_folder(folder: Path, without: str = "") -> None:
    """Wait until the files in a folder are on the disk, but for one that may be lost.

    Raises:
        OSError: They cannot be written.
    """
    for path in folder.iterdir():
        if path.name != without:
            sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Wait until a file or the names in a folder are on the disk. Windows cannot sync folders.

    Raises:
        OSError: It cannot be written.
    """
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
