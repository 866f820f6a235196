# SPDX-License-Identifier: GPL-3.0-or-later
"""Images to test with: a red mug with a handle on a background of choice."""

import numpy as np
from PIL import Image, ImageDraw

RED = (200, 40, 30)
BOX = (100, 60, 220, 180)
"""Left, top, right, bottom of the mug's body; the handle reaches 40 further right."""


def mug(background=(255, 255, 255, 255), size: tuple[int, int] = (320, 240), shift: int = 0) -> Image.Image:
    """Draw a mug as RGBA, four times as large and then reduced, so that its edges are soft.

    Args:
        background: color and alpha of the background, or an image of it, `(H, W, 3) uint8`.
        shift: pixels that the mug is moved to the left.
    """
    large = (size[0] * 4, size[1] * 4)
    shape = Image.new("L", large)
    draw = ImageDraw.Draw(shape)
    left, top, right, bottom = (4 * side for side in BOX)
    draw.rectangle((left - 4 * shift, top, right - 4 * shift - 1, bottom - 1), fill=255)
    draw.arc((right - 160 - 4 * shift, top + 120, right + 160 - 4 * shift, bottom - 120), -90, 90, fill=255, width=48)
    alpha = shape.resize(size, Image.Resampling.BOX)
    if isinstance(background, tuple):
        below = Image.new("RGBA", size, background)
    else:
        below = Image.fromarray(background).convert("RGBA")
    return Image.composite(Image.new("RGBA", size, (*RED, 255)), below, alpha)


def studio(size: tuple[int, int] = (320, 240), grain: float = 3.0) -> np.ndarray:
    """A gray backdrop, lighter to the right, darker at the corners, with a little noise."""
    y, x = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j]
    noise = np.random.default_rng(0).normal(0, grain, (size[1], size[0], 3))
    return (165 + 30 * x[..., None] - 20 * (x * x + y * y)[..., None] + noise).clip(0, 255).astype(np.uint8)


def busy(size: tuple[int, int] = (320, 240)) -> np.ndarray:
    """Coarse colored squares."""
    cells = np.random.default_rng(1).integers(0, 256, (size[1] // 20, size[0] // 20, 3), dtype=np.uint8)
    return cells.repeat(20, axis=0).repeat(20, axis=1)


def seen_box(view: np.ndarray) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is not white."""
    rows, columns = np.nonzero((255 - view.astype(int)).max(axis=-1) > 40)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
