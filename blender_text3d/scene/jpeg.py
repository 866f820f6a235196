# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of the file → JPEG, as browsers take them."""

import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from .texture_bytes import pixels_of

QUALITY = 85


def jpeg_bytes(image: bpy.types.Image, max_side: int) -> bytes:
    """Return an image without its transparency as the content of a JPEG file.

    Args:
        image: An image with pixels.
        max_side: Largest width and height; larger ones are scaled down.

    Raises:
        ValueError: The image has no pixels.
        OSError: The temporary file cannot be written.
    """
    copy = opaque_copy(image)
    try:
        width, height = copy.size
        share = min(1.0, max_side / max(width, height))
        if share < 1:
            copy.scale(max(1, round(width * share)), max(1, round(height * share)))
        return saved(copy)
    finally:
        bpy.data.images.remove(copy)


def opaque_copy(image: bpy.types.Image) -> Any:
    """Return a new image with the colors of another one.

    Raises:
        ValueError: The image has no pixels.
    """
    pixels = pixels_of(image)
    if pixels is None:
        raise ValueError(f'The image "{image.name}" is missing.')
    height, width = pixels.shape[:2]
    copy: Any = bpy.data.images.new(image.name, width, height, alpha=False)
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = pixels[::-1] / np.float32(255)
    copy.pixels.foreach_set(rgba.reshape(-1))
    return copy


def saved(image: Any) -> bytes:
    """Return the JPEG file of an image."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texture.jpg"
        image.file_format = "JPEG"
        try:
            image.save(filepath=str(path), quality=QUALITY)
            return path.read_bytes()
        except RuntimeError as error:
            raise OSError(f"the texture could not be saved ({error})") from error
