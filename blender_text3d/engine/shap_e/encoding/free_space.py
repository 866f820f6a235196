# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed distances around an object that is known by its views: what no camera sees through is inside.

Source: Kutulakos and Seitz 2000 (A Theory of Shape by Space Carving), section 2, here with the depths of the views.
"""

import numpy as np
from scipy.spatial import cKDTree

from .object_views import ObjectViews

TOLERANCE_PX = 2.0
"""By how much a point must be in front of what a camera sees, in pixels of its view at its depth."""
NEAR_DEVIATION = 0.03
"""Deviation of points near the surface, where the longest side is 1."""


def is_free(points: np.ndarray, views: ObjectViews) -> np.ndarray:
    """Return flags (M,) bool of points (M, 3) float32 that a camera sees through, in the views' space."""
    free = np.zeros(len(points), bool)
    height, width = views.depths.shape[1:]
    for depths, camera in zip(views.depths, views.cameras, strict=True):
        right, down, forward, origin = camera[:12].reshape(4, 3)
        offsets = points - origin
        depth = offsets @ forward
        columns, rows = (
            pixel_of(offsets @ axis / depth, fov, size)
            for axis, fov, size in ((right, camera[12], width), (down, camera[13], height))
        )
        is_shown = (depth > 0) & (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        seen = np.full(len(points), -np.inf, np.float32)
        seen[is_shown] = depths[rows[is_shown], columns[is_shown]]
        pixel = 2 * depth * np.tan(camera[12] / 2) / width
        free |= depth < seen - TOLERANCE_PX * pixel
    return free


def pixel_of(slopes: np.ndarray, fov: float, size: int) -> np.ndarray:
    """Return the nearest pixels (M,) int64 of slopes (M,) from the middle; see `points_of_views` for the inverse."""
    return np.rint((slopes / np.tan(fov / 2) + 1) / 2 * (size - 1)).astype(np.int64)


def drawn_distances(
    places: np.ndarray, views: ObjectViews, count: int, half_side: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw points near the surface and, as many, anywhere in a cube.

    Args:
        places: (N, 3) float32 points of the surface, in the views' space.
        views: the object's views.
        count: number of points, even.
        half_side: of the cube, in the views' space.
        rng: source of the points.

    Returns:
        points (count, 3) float32, and distances (count,) float32 to the surface, positive inside.
    """
    near = places[rng.integers(len(places), size=count // 2)] + rng.normal(0, NEAR_DEVIATION, (count // 2, 3))
    points = np.concatenate([near, rng.uniform(-half_side, half_side, (count // 2, 3))]).astype(np.float32)
    distances, _ = cKDTree(places).query(points)
    return points, np.where(is_free(points, views), -distances, distances).astype(np.float32)
