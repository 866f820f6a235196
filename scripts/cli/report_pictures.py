# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a report: small, and inside the file as base64."""

import base64
import io
from importlib.util import find_spec
from pathlib import Path

from blender_text3d.system.untrusted_files import require_regular_file

MAX_PICTURE_BYTES = 2**22
MAX_PLAIN_BYTES = 2**16
"""Size of a picture that is taken as it is, without Pillow."""
MAX_PIXELS = 2048**2
WEBP_QUALITY = 80
PNG_START = b"\x89PNG\r\n\x1a\n"


def has_pillow() -> bool:
    """True if pictures can be made smaller."""
    return find_spec("PIL") is not None


def picture_uri(path: Path | None, size: int) -> str:
    """Return a PNG or WebP file as a data: URI, or "" if it is missing, a link, too large or neither.

    Args:
        path: The file.
        size: Longest side in pixels; larger pictures are reduced if Pillow is installed.
    """
    if path is None:
        return ""
    try:
        require_regular_file(path, MAX_PICTURE_BYTES, follow_links=False)
        content = path.read_bytes()
    except (OSError, ValueError):
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
