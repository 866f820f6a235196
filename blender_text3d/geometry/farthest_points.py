# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in farthest-point order: each one is as far as possible from all before it.

Source: Gonzalez 1985, "Clustering to minimize the maximum intercluster distance"; Eldar et al. 1997.
"""

from collections.abc import Generator

import numpy as np

from ..system.run_steps import run_steps

ROWS_PER_STEP = 64


def farthest_order(points: np.ndarray, count: int, start: int = 0) -> Generator[int, None, np.ndarray]:
    """Choose points one after the other; yield the number of chosen ones from time to time.

    Args:
        points: (N, 3) float32.
        count: number of points to choose, at least 1; with fewer different points, some are chosen again.
        start: index of the first one.

    Returns:
        (count,) int64, indices in order.
    """
    x, y, z = (np.ascontiguousarray(axis, dtype=np.float32) for axis in points.T)
    nearest, squared, difference = np.full(len(x), np.inf, np.float32), np.empty_like(x), np.empty_like(x)
    chosen = np.empty(count, np.int64)
    for index in range(count):
        chosen[index] = row = int(nearest.argmax()) if index else start
        np.subtract(x, x[row], out=squared)
        np.multiply(squared, squared, out=squared)
        for axis in (y, z):
            np.subtract(axis, axis[row], out=difference)
            np.multiply(difference, difference, out=difference)
            squared += difference
        np.minimum(nearest, squared, out=nearest)
        if index % ROWS_PER_STEP == ROWS_PER_STEP - 1:
            yield index + 1
    return chosen


def farthest_points(points: np.ndarray, count: int, start: int = 0) -> np.ndarray:
    """Return the same as `farthest_order` at once."""
    return run_steps(farthest_order(points, count, start))


def nearest_rows(points: np.ndarray, centers: np.ndarray, rows_at_a_time: int = 512) -> np.ndarray:
    """Return the index of each point's nearest center, (N,) int64, of (N, 3) and (M, 3) float32."""
    norms = (centers**2).sum(axis=1)
    parts = [
        (norms - 2 * (points[first : first + rows_at_a_time] @ centers.T)).argmin(axis=1)
        for first in range(0, len(points), rows_at_a_time)
    ]
    return np.concatenate(parts)
