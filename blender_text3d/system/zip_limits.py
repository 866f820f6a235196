# SPDX-License-Identifier: GPL-3.0-or-later
"""A limit for the central directory of a zip, checked before zipfile allocates an object for each entry.

Source: APPNOTE.TXT of the zip format, 4.3.14 to 4.3.16. zipfile of Python 3.11 to 3.14 reads the directory by its size
in bytes, whatever number of entries the archive claims.
"""

import os
import struct
from typing import BinaryIO

END = struct.Struct("<4s8xLLH")
LOCATOR = struct.Struct("<4s4xQ4x")
END_64 = struct.Struct("<4s36xQ8x")


def check_directory(file: BinaryIO, max_bytes: int) -> None:
    """Refuse a zip whose central directory is larger than `max_bytes`; each entry takes at least 46.

    Raises:
        ValueError: It is larger, or the file does not end with an end-of-central-directory record without comment.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - END_64.size - LOCATOR.size - END.size, 0))
    tail = file.read()
    file.seek(0)
    if len(tail) < END.size:
        raise ValueError("it is too short for a zip file")
    magic, directory_bytes, _, comment_bytes = END.unpack(tail[-END.size :])
    if magic != b"PK\x05\x06" or comment_bytes:
        raise ValueError("it has no zip end record")
    before = tail[: -END.size]
    if before[-LOCATOR.size :].startswith(b"PK\x06\x07"):
        directory_bytes = _zip64_directory_bytes(before, size - len(tail))
    if directory_bytes > max_bytes:
        raise ValueError(f"its central directory has {directory_bytes:,} bytes, more than the limit of {max_bytes:,}")


def _zip64_directory_bytes(before: bytes, start: int) -> int:
    if len(before) < END_64.size + LOCATOR.size:
        raise ValueError("it is too short for a zip64 file")
    _, offset = LOCATOR.unpack(before[-LOCATOR.size :])
    magic, directory_bytes = END_64.unpack(before[: END_64.size])
    if magic != b"PK\x06\x06" or offset != start:
        raise ValueError("it has no zip64 end record")
    return int(directory_bytes)
