# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a part: nothing is held back in memory, so what was counted is on the disk when the work stops."""

from io import FileIO

from .disk_space import cannot_write
from .partial_file import Part


def opened(part: Part) -> FileIO:
    """The part, open to be gone on with.

    Raises:
        DownloadFailed: It cannot be written.
    """
    try:
        return part.path.open("ab", buffering=0)
    except OSError as error:
        raise cannot_write(part.path, error) from error


def write_all(file: FileIO, block: bytes, part: Part) -> None:
    """Append a block.

    Raises:
        DownloadFailed: The disk is full or the folder cannot be written.
    """
    rest = memoryview(block)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise cannot_write(part.path, error) from error
