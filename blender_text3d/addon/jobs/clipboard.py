# SPDX-License-Identifier: GPL-3.0-or-later
"""An image in the clipboard: its pixels, or the file whose path was copied."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import bpy

from ..settings.remote_paths import is_remote_path
from ..state.image_size import pixel_count

TOOLS = (("wl-paste", "--type", "image/png"), ("xclip", "-selection", "clipboard", "-t", "image/png", "-o"))
"""Programs that print the clipboard's image on Linux, where Blender reads it under Wayland only."""
TIMEOUT_S = 5
NOTHING = "The clipboard has no image that Blender can read. Copy an image, or open it as a file."


def clipboard_file(text: str) -> str:
    """Return the path of an image file that was copied as text or in a file manager, or "" if it is something else.

    Args:
        text: Text of the clipboard.
    """
    line = text.strip().splitlines()[0].strip().strip('"') if text.strip() else ""
    if line.startswith("file://"):
        line = unquote(urlparse(line).path)
        line = line.lstrip("/") if sys.platform == "win32" else line
    if not os.path.isabs(line) or is_remote_path(line):
        return ""
    try:
        return line if pixel_count(Path(line)) else ""
    except (OSError, ValueError):
        return ""


def clipboard_pixels(context: bpy.types.Context) -> Any:
    """Return the image in the clipboard, `(H, W, 4) uint8` sRGB with straight alpha, top row first.

    Raises:
        CaptureError: There is none.
    """
    from ...scene.capture import CaptureError, data_block_pixels

    image = pasted_data_block(context)
    if image is None:
        pixels = pixels_from_tools()
        if pixels is None:
            raise CaptureError(NOTHING)
        return pixels
    try:
        return data_block_pixels(image)
    finally:
        bpy.data.images.remove(image)


def pasted_data_block(context: bpy.types.Context) -> bpy.types.Image | None:
    """Return the clipboard's image as a new data-block, or None. Blender pastes in an Image Editor only."""
    area, before = context.area, set(bpy.data.images)
    if area is None:
        return None
    editor = area.type
    try:
        area.type = "IMAGE_EDITOR"
        with context.temp_override(area=area, region=area.regions[-1]):
            paste: Any = bpy.ops.image.clipboard_paste
            if paste.poll():
                paste()
    finally:
        area.type = editor
    return next((image for image in bpy.data.images if image not in before), None)


def pixels_from_tools() -> Any:
    """Return the clipboard's image by a program of the desktop, or None."""
    from ...scene.image_pixels import read_pixels

    with tempfile.TemporaryDirectory(prefix="text3d-") as folder:
        path = Path(folder) / "clipboard.png"
        for command in TOOLS if sys.platform.startswith("linux") else ():
            path.write_bytes(printed_by(command))
            if pixel_count(path):
                return read_pixels(str(path))
    return None


def printed_by(command: tuple[str, ...]) -> bytes:
    """Return what a program prints, or nothing if it is missing or does not end."""
    if not shutil.which(command[0]):
        return b""
    try:
        return subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return b""
