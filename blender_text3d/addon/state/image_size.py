# SPDX-License-Identifier: GPL-3.0-or-later
"""Number of pixels in an image file's header: Blender allocates as many as a file claims. No bpy.

Source: PNG 11.2.2 (IHDR); ITU T.81 B.2.2 (frame header); RFC 9649 (WebP: VP8, VP8L and VP8X).
"""

import re
import struct
from pathlib import Path

START_BYTES = 2**18
"""Enough for a photo, whose metadata and thumbnail come before the size."""
JPEG_SIZE = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..\x08(..)(..)[\x01-\x04]", re.DOTALL)


def pixel_count(path: Path) -> int:
    """Return the number of pixels of a PNG, JPEG or WebP file, or 0 if its header has none.

    Several sizes in a JPEG give the largest.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    if start.startswith(b"\x89PNG\r\n\x1a\n") and start[12:16] == b"IHDR" and len(start) > 24:
        width, height = struct.unpack(">II", start[16:24])
        return width * height
    if start.startswith(b"\xff\xd8"):
        sides = (struct.unpack(">HH", b"".join(found)) for found in JPEG_SIZE.findall(start))
        return max((height * width for height, width in sides), default=0)
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP" and len(start) > 30:
        return _webp_pixel_count(start)
    return 0


def _webp_pixel_count(start: bytes) -> int:
    if start[12:16] == b"VP8X":
        width, height = (int.from_bytes(start[offset : offset + 3], "little") + 1 for offset in (24, 27))
        return width * height
    if start[12:16] == b"VP8L":
        bits = int.from_bytes(start[21:25], "little")
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack("<HH", start[26:30])
    return (width & 0x3FFF) * (height & 0x3FFF)
