# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain background found by its colour at the picture's border, and taken away.

The background may brighten or darken smoothly from side to side, as in a studio. Nothing is learned here: a busy
background stays, and the user is told.
"""

import numpy as np
from scipy import ndimage

TOLERANCE = 20.0
"""Largest difference of a channel, of 255, between a pixel and the background that it belongs to."""
PLAIN_SHARE = 0.75
"""Share of the border that must be background; the object may cover the rest."""
SPECK_SHARE = 0.002
"""Parts smaller than this share of the object's largest are noise."""
HOLE_SHARE = 0.005
"""Smaller patches of the background's colour inside the object, such as eyes, are the object's own."""
EDGE_PIXELS = 2


def background_of(rgb: np.ndarray) -> np.ndarray | None:
    """The colour that a plain background has, or would have, at every pixel.

    Args:
        rgb: [H, W, 3] float, 0 to 255.

    Returns:
        [H, W, 3] float, a smooth surface through the border's colours; None where the background is not plain.
    """
    height, width = rgb.shape[:2]
    border = _border(height, width)
    terms = _terms(height, width)
    colors, places = rgb[border], terms[border]
    near = _difference(colors, np.median(colors, axis=0)) <= 2 * TOLERANCE
    for _ in range(5):
        if near.mean() < PLAIN_SHARE:
            return None
        surface, *_ = np.linalg.lstsq(places[near], colors[near], rcond=None)
        near = _difference(colors, places @ surface) <= TOLERANCE
    return (terms @ surface).clip(0, 255) if near.mean() >= PLAIN_SHARE else None


def object_alpha(rgb: np.ndarray, background: np.ndarray) -> np.ndarray:
    """[H, W] float, 0 to 1: how much of a pixel is the object, softly at its edges.

    Args:
        rgb: [H, W, 3] float, 0 to 255.
        background: [H, W, 3], of `background_of`.
    """
    difference = _difference(rgb, background)
    solid = _without_specks(~(_flooded(difference <= TOLERANCE) | _holes(difference <= TOLERANCE / 2)))
    return _softened(rgb, background, solid)


def _border(height: int, width: int) -> np.ndarray:
    """[H, W] bool: a frame along the picture's sides."""
    frame = max(2, min(height, width) // 64)
    border = np.ones((height, width), dtype=bool)
    border[frame:-frame, frame:-frame] = False
    return border


def _terms(height: int, width: int) -> np.ndarray:
    """[H, W, 6]: the terms of a surface of second degree over the picture."""
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)


def _difference(colors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """[..., 3], [..., 3] -> [...]: of the channel that differs most."""
    return np.abs(colors - others).max(axis=-1)


def _flooded(alike: np.ndarray) -> np.ndarray:
    """[H, W] bool: what hangs together with the border."""
    labels, _ = ndimage.label(alike)
    edges = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.isin(labels, np.unique(edges[edges > 0]))


def _holes(alike: np.ndarray) -> np.ndarray:
    """[H, W] bool: parts that the object encloses, such as a handle's, if they are of some size."""
    labels, count = ndimage.label(alike)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    return (sizes >= HOLE_SHARE * alike.size)[labels]


def _without_specks(solid: np.ndarray) -> np.ndarray:
    labels, count = ndimage.label(solid, structure=np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    return (sizes > max(8, SPECK_SHARE * sizes.max()))[labels]


def _softened(rgb: np.ndarray, background: np.ndarray, solid: np.ndarray) -> np.ndarray:
    """Where the edge runs through a pixel, its colour is a mixture: of the object's next to it and the background's."""
    alpha = solid.astype(np.float64)
    inside = ndimage.binary_erosion(solid, iterations=EDGE_PIXELS)
    if not inside.any():
        return alpha
    distance, (row, column) = ndimage.distance_transform_edt(~inside, return_indices=True)
    edge = ndimage.binary_dilation(solid) & ~inside & (distance <= 2 * EDGE_PIXELS)
    pure = rgb[row[edge], column[edge]] - background[edge]
    mixed = rgb[edge] - background[edge]
    alpha[edge] = ((mixed * pure).sum(-1) / np.maximum((pure * pure).sum(-1), 1e-6)).clip(0, 1)
    return alpha
