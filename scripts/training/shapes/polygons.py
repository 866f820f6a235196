# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed distance and sampling of simple polygons in the plane, the profiles of lathes and extrusions."""

import numba
import numpy as np


@numba.njit(cache=True, fastmath=True)
def _signed_distances(x, y, corners, walls):
    count, corner_count = len(x), len(corners)
    result = np.empty(count)
    for i in range(count):
        nearest, inside = 1e30, False
        for k in range(corner_count):
            ax, ay = corners[k]
            bx, by = corners[(k + 1) % corner_count]
            ex, ey, px, py = bx - ax, by - ay, x[i] - ax, y[i] - ay
            if walls[k]:
                along = min(1.0, max(0.0, (px * ex + py * ey) / max(ex * ex + ey * ey, 1e-12)))
                dx, dy = px - along * ex, py - along * ey
                nearest = min(nearest, dx * dx + dy * dy)
            if (ay > y[i]) != (by > y[i]) and px < py * ex / ey:
                inside = not inside
        result[i] = -np.sqrt(nearest) if inside else np.sqrt(nearest)
    return result


def polygon_distance(points, corners, walls=None):
    """Return the signed distance to a simple polygon, negative inside.

    Args:
        points: (N, 2) float, in the polygon's plane.
        corners: (K, 2) float, in either winding; the last corner joins the first.
        walls: (K,) bool, which edges (from corner k on) count for the distance; all by default.

    Returns:
        (N,) float distance. Inside is decided by the crossing number.
    """
    walls = np.ones(len(corners), np.bool_) if walls is None else walls
    return _signed_distances(points[:, 0].copy(), points[:, 1].copy(), corners, walls)


def polygon_area(corners):
    """Return the area enclosed by a simple polygon (K, 2)."""
    x, y = corners[:, 0], corners[:, 1]
    return 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def points_in_polygon(corners, count, rng):
    """Sample (count, 2) uniform points inside a polygon by rejection."""
    low, high = corners.min(0), corners.max(0)
    kept = np.empty((0, 2))
    while len(kept) < count:
        tries = rng.uniform(low, high, (4 * count + 16, 2))
        kept = np.concatenate([kept, tries[polygon_distance(tries, corners) < 0]])
    return kept[:count]


def points_on_edges(corners, count, rng, weights=None):
    """Sample points on the outline of a polygon, edges weighted by length (times `weights` (K,)): (count, 2)."""
    edge = np.roll(corners, -1, axis=0) - corners
    chance = np.linalg.norm(edge, axis=1) * (1.0 if weights is None else weights)
    picked = rng.choice(len(corners), count, p=chance / chance.sum())
    return corners[picked] + rng.random((count, 1)) * edge[picked]
