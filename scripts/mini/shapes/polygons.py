# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed distance and sampling of simple polygons in the plane, the profiles that are turned or extruded."""

import numpy as np


def polygon_distance(points, corners):
    """Signed distance to a simple polygon, negative inside.

    Args:
        points: [N, 2] float, in the polygon's plane.
        corners: [K, 2] float, in either winding; the last corner joins the first.

    Returns:
        [N] float distance. Inside is decided by the crossing number.
    """
    start, end = corners, np.roll(corners, -1, axis=0)
    edge = end - start
    to_point = points[:, None] - start[None]
    along = np.clip((to_point * edge).sum(-1) / np.maximum((edge**2).sum(-1), 1e-12), 0.0, 1.0)
    distance = np.sqrt(((to_point - along[..., None] * edge) ** 2).sum(-1).min(1))
    y = points[:, 1:2]
    straddles = (start[:, 1] > y) != (end[:, 1] > y)
    rise = np.where(np.abs(edge[:, 1]) < 1e-12, 1e-12, edge[:, 1])
    crossing_x = start[:, 0] + (y - start[:, 1]) * edge[:, 0] / rise
    inside = (straddles & (points[:, 0:1] < crossing_x)).sum(1) % 2 == 1
    return np.where(inside, -distance, distance)


def polygon_area(corners):
    """Area enclosed by a simple polygon [K, 2]."""
    x, y = corners[:, 0], corners[:, 1]
    return 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def points_in_polygon(corners, count, rng):
    """Uniform points inside a polygon by rejection: [count, 2]."""
    low, high = corners.min(0), corners.max(0)
    kept = np.empty((0, 2))
    while len(kept) < count:
        tries = rng.uniform(low, high, (4 * count + 16, 2))
        kept = np.concatenate([kept, tries[polygon_distance(tries, corners) < 0]])
    return kept[:count]


def points_on_edges(corners, count, rng, weights=None):
    """Points on a polygon's outline, edges weighted by length (times `weights` [K] if given): [count, 2]."""
    edge = np.roll(corners, -1, axis=0) - corners
    chance = np.linalg.norm(edge, axis=1) * (1.0 if weights is None else weights)
    picked = rng.choice(len(corners), count, p=chance / chance.sum())
    return corners[picked] + rng.random((count, 1)) * edge[picked]
