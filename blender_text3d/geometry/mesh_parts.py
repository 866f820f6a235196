# SPDX-License-Identifier: GPL-3.0-or-later
"""Separate parts of a mesh, and whether its surface is closed. Needs neither torch nor scipy."""

import numpy as np

MIN_SHARE = 0.01
"""Share of the area from which a separate piece counts as a part; smaller ones are specks."""


def component_labels(pairs: np.ndarray, count: int) -> np.ndarray:
    """Return the lowest element of each element's connected component, `(count,) int32`.

    Every element points to a lower one of its component, round after round, until all point to the lowest.

    Args:
        pairs: `(E, 2) int32` indices of two connected elements.
        count: Number of elements.
    """
    lowest = np.arange(count, dtype=np.int32)
    first, second = pairs.T
    while len(first):
        lowest[np.maximum(first, second)] = np.minimum(first, second)
        while not np.array_equal(lower := lowest[lowest], lowest):
            lowest = lower
        first, second = lowest[first], lowest[second]
        is_apart = first != second
        first, second = first[is_apart], second[is_apart]
    return lowest


def part_count(vertices: np.ndarray, faces: np.ndarray) -> int:
    """Return the number of separate parts of a mesh, without specks.

    Args:
        vertices: (V, 3) float32.
        faces: (F, 3) int32.
    """
    if not len(faces):
        return 0
    pairs = np.concatenate([faces[:, :2], faces[:, 1:]])
    labels = component_labels(pairs, len(vertices))[faces[:, 0]]
    if (labels == labels[0]).all():
        return 1
    areas = np.bincount(labels, face_areas(vertices, faces))
    return max(1, int((areas >= MIN_SHARE * areas.sum())[areas > 0].sum()))


def face_areas(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return the areas of faces (F, 3) int32, (F,) float."""
    corner, second, third = vertices[faces].transpose(1, 0, 2)
    areas: np.ndarray = np.linalg.norm(np.cross(second - corner, third - corner), axis=1) / 2
    return areas


def is_watertight(faces: np.ndarray) -> bool:
    """True if every edge joins exactly two faces (F, 3) int32, once in each direction; False without faces."""
    start, end = faces.astype(np.int64).ravel(), np.roll(faces, -1, axis=1).astype(np.int64).ravel()
    if len(start) == 0 or (start == end).any():
        return False
    count = int(start.max()) + 1
    edges, reversed_edges = np.sort(start * count + end), np.sort(end * count + start)
    return bool((edges[1:] != edges[:-1]).all() and (edges == reversed_edges).all())
