# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a zip's table of contents is: known before zipfile makes an object of each of its lines.

Source: APPNOTE.TXT of the zip format, 4.3.14 to 4.3.16; zipfile of Python 3.11 to 3.14, which reads as many bytes of
lines as this says, whatever number of lines the archive gives.
"""

import os
import struct
from typing import BinaryIO

END = struct.Struct("<4s8xLLH")
LOCATOR = struct.Struct("<4s4xQ4x")
END_64 = struct.Struct("<4s36xQ8x")


def check_directory(file: BinaryIO, most_bytes: int) -> None:
    """See that a zip has no more lines than fit into so many bytes; none has fewer than 46.

    Raises:
        ValueError: It has more, or is no zip as programs write one, which ends with its end record.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - END_64.size - LOCATOR.size - END.size, 0))
    tail = file.read()
    file.seek(0)
    if len(tail) < END.size:
        raise ValueError("it is too short for a zip")
    magic, directory_bytes, _, comment_bytes = END.unpack(tail[-END.size :])
    if magic != b"PK\x05\x06" or comment_bytes:
        raise ValueError("it does not end as a zip does")
    before = tail[: -END.size]
    if before[-LOCATOR.size :].startswith(b"PK\x06\x07"):
        directory_bytes = _of_zip_64(before, size - len(tail))
    if directory_bytes > most_bytes:
        raise ValueError(f"its table of contents has {directory_bytes:,} bytes, and {most_bytes:,} are the most")


def _of_zip_64(before: bytes, start: int) -> int:
    if len(before) < END_64.size + LOCATOR.size:
        raise ValueError("it is too short for a large zip")
    _, place = LOCATOR.unpack(before[-LOCATOR.size :])
    magic, directory_bytes = END_64.unpack(before[: END_64.size])
    if magic != b"PK\x06\x06" or place != start:
        raise ValueError("it does not end as a large zip does")
    return directory_bytes
