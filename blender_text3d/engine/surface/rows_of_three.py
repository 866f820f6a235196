# SPDX-License-Identifier: GPL-3.0-or-later
"""Arithmetic on rows of three numbers, column by column.

numpy's own functions along an axis of three elements take 4 to 40 times as long. The results are the same to the last
bit, since the order of operations is.
"""

import numpy as np


def largest(values: np.ndarray) -> np.ndarray:
    """Return the largest value of each row: (N, 3) float -> (N,) float."""
    found: np.ndarray = np.maximum(np.maximum(values[:, 0], values[:, 1]), values[:, 2])
    return found


def are_all(flags: np.ndarray) -> np.ndarray:
    """Return where all flags of a row are set: (N, 3) bool -> (N,) bool."""
    found: np.ndarray = flags[:, 0] & flags[:, 1] & flags[:, 2]
    return found


def lengths(vectors: np.ndarray) -> np.ndarray:
    """Return the lengths of vectors: (N, 3) float -> (N,) float."""
    x, y, z = vectors.T
    return np.sqrt(x * x + y * y + z * z)


def cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the cross products of vectors: twice (N, 3) float -> (N, 3) float."""
    (ax, ay, az), (bx, by, bz) = first.T, second.T
    product = np.empty_like(first)
    product[:, 0] = ay * bz - az * by
    product[:, 1] = az * bx - ax * bz
    product[:, 2] = ax * by - ay * bx
    return product
