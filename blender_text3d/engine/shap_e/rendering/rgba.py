# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered colors and coverage to the bytes of an image."""

import numpy as np


def rgba_image(color: np.ndarray, coverage: np.ndarray, height_px: int) -> np.ndarray:
    """Return an image with straight (not premultiplied) alpha.

    Args:
        color: (H * W, 3) float32 or float64 sRGB, premultiplied by the coverage.
        coverage: (H * W,) float32 or float64, 0..1, share of the pixel that the object covers.
        height_px: number of rows H.

    Returns:
        (H, W, 4) uint8, sRGB and alpha.
    """
    straight = np.divide(color, coverage[:, None], out=np.zeros_like(color), where=coverage[:, None] > 1e-6)
    image = np.concatenate([straight, coverage[:, None]], axis=1)
    return np.rint(image.clip(0, 1) * 255).astype(np.uint8).reshape(height_px, -1, 4)
