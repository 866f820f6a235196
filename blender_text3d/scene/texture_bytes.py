# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of materials as the bytes of their files, which the worker decodes, or as pixels."""

import os
import stat
from collections.abc import Generator
from typing import Any

import bpy
import numpy as np

from ..geometry.srgb import srgb_from_linear

MAX_FILE_BYTES = 64 * 2**20
BYTES_PER_STEP = 2**22
MAX_SIDE = 2048
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*", b"RIFF")
"""First bytes of the formats that the worker decodes: PNG, JPEG, BMP, TIFF and WebP."""
PIXEL_SOURCES = ("GENERATED", "VIEWER")


def is_slow_to_read(image: bpy.types.Image) -> bool:
    """True for a large generated image that was not painted: it would be computed and read in one step.

    Another Blender can compute it as well.
    """
    is_untouched = image.source == "GENERATED" and not image.is_dirty and not image.packed_file
    return is_untouched and image.generated_width * image.generated_height > MAX_SIDE**2


def texture_bytes(image: bpy.types.Image) -> Generator[None, None, np.ndarray | None]:
    """Read an image; yield between steps.

    Returns:
        The bytes of its file `(N,) uint8`, or pixels `(H, W, 3) uint8` sRGB, top row first; None if it has no pixels.
    """
    if image.source in PIXEL_SOURCES or image.is_dirty:
        return pixels_of(image)
    if image.packed_file:
        packed: Any = image.packed_file  # reading its data copies it
        encoded = np.frombuffer(packed.data, np.uint8) if packed.size <= MAX_FILE_BYTES else None
    else:
        name, library = image.name, image.library.name_full if image.library else None
        encoded = yield from file_bytes(bpy.path.abspath(image.filepath, library=image.library))
        found = bpy.data.images.get((name, None) if library is None else (name, library))
        if found is None:  # removed meanwhile
            return encoded
        image = found
    is_known = encoded is not None and encoded[:8].tobytes().startswith(SIGNATURES)
    return encoded if encoded is None or is_known else pixels_of(image)


def file_bytes(path: str) -> Generator[None, None, np.ndarray | None]:
    """Read a file in steps, or return None if it is missing, too large, or no regular file."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= MAX_FILE_BYTES:
            return None
        parts = []
        with open(path, "rb") as file:
            while part := file.read(BYTES_PER_STEP):
                parts.append(part)
                yield
        return np.frombuffer(b"".join(parts), np.uint8)
    except (OSError, ValueError):
        return None


def pixels_of(image: Any) -> np.ndarray | None:
    """Return the pixels of an image in memory, every n-th of a large one, or None without any."""
    width, height = image.size
    if not width * height or width * height * image.channels > MAX_FILE_BYTES * 4:
        return None
    values = np.zeros(width * height * image.channels, np.float32)
    image.pixels.foreach_get(values)
    every = -(-max(width, height) // MAX_SIDE)
    shown = values.reshape(height, width, image.channels)[::-every, ::every]
    rgb = shown[..., :3] if image.channels >= 3 else np.repeat(shown[..., :1], 3, axis=2)
    if image.is_float:  # linear; the pixels of other images are as in their files
        rgb = srgb_from_linear(np.nan_to_num(rgb).clip(0, 1))
    return (np.nan_to_num(rgb).clip(0, 1) * 255).round().astype(np.uint8)
