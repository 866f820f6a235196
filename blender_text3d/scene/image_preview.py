# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels → Blender's image previews, which panels show as icons."""

from typing import Any, cast

import bpy
import numpy as np


def set_pixels(preview: bpy.types.ImagePreview, pixels: np.ndarray) -> None:
    """Set the pixels of a preview.

    Args:
        preview: The preview.
        pixels: `(H, W, 4) uint8` sRGB with straight alpha, top row first.
    """
    height, width = pixels.shape[:2]
    preview.image_size = (width, height)
    values = pixels[::-1].astype(np.float32) / 255
    values[..., :3] *= values[..., 3:]  # Blender draws previews as if their colors were multiplied by alpha
    cast(Any, preview.image_pixels_float).foreach_set(values.ravel())
