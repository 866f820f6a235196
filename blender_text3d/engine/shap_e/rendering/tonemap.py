# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrives at pixels becomes the bytes of a picture."""

import numpy as np


def picture(color: np.ndarray, cover: np.ndarray, height_px: int) -> np.ndarray:
    """An image with colours apart from how much of each pixel the object covers.

    Args:
        color: [H * W, 3] float sRGB, multiplied by the cover.
        cover: [H * W] float, 0..1.
        height_px: H.

    Returns:
        [H, W, 4] uint8: sRGB and cover.
    """
    straight = np.divide(color, cover[:, None], out=np.zeros_like(color), where=cover[:, None] > 1e-6)
    image = np.concatenate([straight, cover[:, None]], axis=1)
    return np.rint(image.clip(0, 1) * 255).astype(np.uint8).reshape(height_px, -1, 4)
