# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels of an image file, read by Blender."""

from typing import Any, cast

import bpy
import numpy as np


def read_pixels(path: str, max_side: int = 0) -> np.ndarray:
    """Return an image file as `(H, W, 4) uint8` sRGB with straight alpha, top row first.

    Args:
        path: The file.
        max_side: Larger images are scaled down to this side; 0 for none.

    Raises:
        RuntimeError: There is no file.
        ValueError: It is damaged, or no image.
    """
    image = bpy.data.images.load(path)
    try:
        if not all(image.size):
            raise ValueError(f"{path} is no image that Blender can read.")
        image.alpha_mode = "STRAIGHT"
        if 0 < max_side < max(image.size):
            scale = max_side / max(image.size)
            image.scale(*(max(1, round(side * scale)) for side in image.size))
        width, height = image.size
        values = np.empty(width * height * 4, np.float32)
        cast(Any, image.pixels).foreach_get(values)
    finally:
        bpy.data.images.remove(image)
    return (values.reshape(height, width, 4)[::-1] * 255).round().astype(np.uint8)
