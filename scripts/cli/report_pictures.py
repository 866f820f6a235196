# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a report: small, and inside the file as base64."""

import base64
import hashlib
import io
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from blender_text3d.system.untrusted_files import require_regular_file

MAX_PICTURE_BYTES, MAX_SHARD_BYTES = 2**22, 2**40
MAX_PLAIN_BYTES = 2**16
"""Size of a picture that is taken as it is, without Pillow."""
MAX_PIXELS = 2048**2
WEBP_QUALITY = 80
PNG_START = b"\x89PNG\r\n\x1a\n"


def has_pillow() -> bool:
    """True if pictures can be made smaller."""
    return find_spec("PIL") is not None


class PictureInShard(NamedTuple):
    """A picture in a tar file that is not unpacked.

    Attributes:
        shard: The tar file.
        offset: Where the picture begins.
        size: Its bytes.
        sha256: Their hash, without which any part of the file could pass for a picture.
    """

    shard: Path
    offset: int
    size: int
    sha256: str

    def read(self) -> bytes:
        """Return the bytes of the picture.

        Raises:
            OSError, ValueError: The shard cannot be read, is a link, was cut, or has other bytes there.
        """
        if not 0 < self.size <= MAX_PICTURE_BYTES:
            raise ValueError("the picture is too large")
        require_regular_file(self.shard, MAX_SHARD_BYTES, follow_links=False)
        with self.shard.open("rb") as file:
            file.seek(self.offset)
            content = file.read(self.size)
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise ValueError("the picture was changed")
        return content


def read_picture(picture: Path | PictureInShard) -> bytes:
    """Return the bytes of a picture.

    Raises:
        OSError, ValueError: It cannot be read, is a link, or too large.
    """
    if isinstance(picture, PictureInShard):
        return picture.read()
    require_regular_file(picture, MAX_PICTURE_BYTES, follow_links=False)
    return picture.read_bytes()


def picture_uri(picture: Path | PictureInShard | None, size: int) -> str:
    """Return a PNG or WebP picture as a data: URI, or "" if it is missing, a link, too large or neither.

    Args:
        picture: The picture.
        size: Longest side in pixels; larger pictures are reduced if Pillow is installed.
    """
    if picture is None:
        return ""
    try:
        content = read_picture(picture)
    except (OSError, ValueError, OverflowError):
        return ""
    is_png, is_webp = content.startswith(PNG_START), content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    if not (is_png or is_webp):
        return ""
    if has_pillow():
        return as_uri(webp(content, size), "webp")
    return as_uri(content if len(content) <= MAX_PLAIN_BYTES else b"", "png" if is_png else "webp")


def as_uri(content: bytes, kind: str) -> str:
    """Return the data: URI of an image, or "" for an empty one."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}" if content else ""


def webp(content: bytes, size: int) -> bytes:
    """Return a picture as a WebP of at most this size, or b"" if it is broken or has too many pixels."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "WEBP"]) as image:
            if image.width * image.height > MAX_PIXELS:
                return b""
            small = image.convert("RGBA")
        small.thumbnail((size, size))
        encoded = io.BytesIO()
        small.save(encoded, "WEBP", quality=WEBP_QUALITY, method=2)
    except Exception:  # Pillow raises whatever a broken file leads it to
        return b""
    return encoded.getvalue()
