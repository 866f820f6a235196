# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a plain background by its color at the image's border, and separate the object from it.

The background may have a smooth gradient, as in a studio. Nothing is learned here: a busy background is kept, and the
user is notified.
"""

import numpy as np
from scipy import ndimage

TOLERANCE = 20.0
"""Largest difference of a channel, of 255, between a pixel and its background."""
MIN_BORDER_SHARE = 0.75
"""Share of the border that must be background; the object may cover the rest."""
MIN_PART_SHARE = 0.002
"""Parts smaller than this share of the object's largest part are noise."""
MIN_HOLE_SHARE = 0.005
"""Smaller patches of the background's color inside the object, such as eyes, belong to the object."""
EDGE_PIXELS = 2


def estimate_background(rgb: np.ndarray) -> np.ndarray | None:
    """Estimate the color of a plain background at every pixel.

    Args:
        rgb: `(H, W, 3) float64`, 0 to 255.

    Returns:
        `(H, W, 3) float64`, a quadratic surface through the border's colors; None if the background is not plain.
    """
    height, width = rgb.shape[:2]
    border = _border(height, width)
    terms = _terms(height, width)
    colors, border_terms = rgb[border], terms[border]
    near = _difference(colors, np.median(colors, axis=0)) <= 2 * TOLERANCE
    for _ in range(5):
        if near.mean() < MIN_BORDER_SHARE:
            return None
        surface, *_ = np.linalg.lstsq(border_terms[near], colors[near], rcond=None)
        near = _difference(colors, border_terms @ surface) <= TOLERANCE
    return (terms @ surface).clip(0, 255) if near.mean() >= MIN_BORDER_SHARE else None


def foreground_alpha(rgb: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Return the object's share of each pixel, `(H, W) float64`, 0 to 1, with soft edges.

    Args:
        rgb: `(H, W, 3) float64`, 0 to 255.
        background: `(H, W, 3) float64`, of `estimate_background`.
    """
    difference = _difference(rgb, background)
    solid = _remove_small_parts(~(_connected_to_border(difference <= TOLERANCE) | _holes(difference <= TOLERANCE / 2)))
    return _soften_edges(rgb, background, solid)


def _border(height: int, width: int) -> np.ndarray:
    """Return `(H, W) bool`: a frame along the image's sides."""
    frame = max(2, min(height, width) // 64)
    border = np.ones((height, width), dtype=bool)
    border[frame:-frame, frame:-frame] = False
    return border


def _terms(height: int, width: int) -> np.ndarray:
    """Return `(H, W, 6) float64`: the terms of a quadratic surface over the image."""
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)


def _difference(colors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the largest channel difference of colors, `(..., 3) float64` twice -> `(...) float64`."""
    return np.abs(colors - others).max(axis=-1)


def _connected_to_border(is_background: np.ndarray) -> np.ndarray:
    """Return `(H, W) bool`: the regions that touch the border."""
    labels, _ = ndimage.label(is_background)
    edges = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.isin(labels, np.unique(edges[edges > 0]))


def _holes(is_background: np.ndarray) -> np.ndarray:
    """Return `(H, W) bool`: large enough regions that the object encloses, such as inside a handle."""
    labels, _ = ndimage.label(is_background)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return (sizes >= MIN_HOLE_SHARE * is_background.size)[labels]


def _remove_small_parts(solid: np.ndarray) -> np.ndarray:
    labels, _ = ndimage.label(solid, structure=np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return (sizes > max(8, MIN_PART_SHARE * sizes.max()))[labels]


def _soften_edges(rgb: np.ndarray, background: np.ndarray, solid: np.ndarray) -> np.ndarray:
    """Unmix edge pixels: their color is between that of the nearest object pixel and of the background."""
    alpha = solid.astype(np.float64)
    inside = ndimage.binary_erosion(solid, iterations=EDGE_PIXELS)
    if not inside.any():
        return alpha
    distance, (row, column) = ndimage.distance_transform_edt(~inside, return_indices=True)
    edge = ndimage.binary_dilation(solid) & ~inside & (distance <= 2 * EDGE_PIXELS)
    object_color = rgb[row[edge], column[edge]] - background[edge]
    mixed = rgb[edge] - background[edge]
    alpha[edge] = ((mixed * object_color).sum(-1) / np.maximum((object_color * object_color).sum(-1), 1e-6)).clip(0, 1)
    return alpha
