# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of a three-step model, and a section of a field, as pictures."""

import math

import numpy as np
import rerun as rr

JPEG_QUALITY = 90
GAP_PX = 2
GROUND, CHOSEN = (58, 62, 70), (255, 170, 70)
"""Colors between the candidates, and around the chosen one."""
INSIDE, OUTSIDE, SURFACE = (200, 60, 50), (60, 110, 200), (255, 255, 255)
"""Colors of a section; the surface's is between those of both sides."""


def picture(image: np.ndarray) -> rr.EncodedImage | rr.Image:
    """Return `(H, W, 3) uint8` sRGB for the recording, compressed."""
    return rr.Image(image, color_model="RGB").compress(jpeg_quality=JPEG_QUALITY)


def tiled(pictures: np.ndarray, chosen: int | None = None) -> np.ndarray:
    """Return pictures `(N, H, W, 3) uint8` as one `(H', W', 3) uint8`, row by row, with a frame around a chosen one."""
    count, height, width, _ = pictures.shape
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    cell_height, cell_width = height + 2 * GAP_PX, width + 2 * GAP_PX
    tiles = np.full((rows * cell_height, columns * cell_width, 3), GROUND, np.uint8)
    for index, image in enumerate(pictures):
        top, left = index // columns * cell_height, index % columns * cell_width
        if index == chosen:
            tiles[top : top + cell_height, left : left + cell_width] = CHOSEN
        tiles[top + GAP_PX : top + GAP_PX + height, left + GAP_PX : left + GAP_PX + width] = image
    return tiles


def section(distances: np.ndarray) -> np.ndarray:
    """Return signed distances `(G, G) float32`, positive inside, as colors: the stronger, the farther from the surface.

    Args:
        distances: the first axis goes up, the second to the right.

    Returns:
        `(G, G, 3) uint8` sRGB, the top row first.
    """
    scale = max(float(np.abs(distances).max()), 1e-6)
    share = np.sqrt(np.abs(distances) / scale)[..., None]
    sides = np.where(distances[..., None] > 0, np.array(INSIDE), np.array(OUTSIDE))
    return (np.array(SURFACE) * (1 - share) + sides * share).round().astype(np.uint8)[::-1]
