# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces of any number of corners → triangles, in steps of a few milliseconds."""

from collections.abc import Generator

import numpy as np
from mathutils import Vector
from mathutils.geometry import tessellate_polygon

FACES_PER_STEP = 2**15
LARGE_FACES_PER_STEP = 32
MAX_TESSELLATED_CORNERS = 1000
"""Larger faces become fans: the time of tessellation grows with the square."""


def triangles(
    starts: np.ndarray, corner_places: np.ndarray, corner_vertices: np.ndarray
) -> Generator[None, None, tuple[np.ndarray, np.ndarray]]:
    """Split faces into triangles; yield between steps.

    Args:
        starts: `(F + 1,) int32`, the first corner of each face, and the number of all corners.
        corner_places: `(V, 3) float32`, the places of vertices.
        corner_vertices: `(L,) int32`, the vertex of each corner.

    Returns:
        The corners of triangles `(T, 3) int32`, and the face of each one `(T,) int32`.
    """
    sizes = np.diff(starts)
    is_large = (sizes > 4) & (sizes <= MAX_TESSELLATED_CORNERS)
    sizes[is_large] = 0
    total = int(np.maximum(sizes - 2, 0).sum())
    corners, faces, count = np.zeros((total, 3), np.int32), np.zeros(total, np.int32), 0
    yield
    for begin in range(0, len(sizes), FACES_PER_STEP):
        rows = slice(begin, begin + FACES_PER_STEP)
        split, owners = fans(sizes[rows], starts[:-1][rows])
        to = slice(count, count + len(split))
        corners[to], faces[to], count = split, owners + begin, to.stop
        yield
    if not is_large.any():
        return corners, faces
    added = [corners], [faces]
    for index, face in enumerate(np.flatnonzero(is_large).tolist()):
        split = tessellated(int(starts[face]), int(starts[face + 1]), corner_places, corner_vertices)
        added[0].append(split)
        added[1].append(np.full(len(split), face, np.int32))
        if index % LARGE_FACES_PER_STEP == LARGE_FACES_PER_STEP - 1:
            yield
    return np.concatenate(added[0]), np.concatenate(added[1])


def fans(sizes: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split faces into fans around their first corner; those of fewer than three corners make none.

    Args:
        sizes, starts: `(F,)` numbers of corners, and the first corner.

    Returns:
        The corners of triangles `(T, 3) int32`, and the face of each one `(T,)`.
    """
    counts = np.maximum(sizes - 2, 0)
    faces = np.repeat(np.arange(len(sizes)), counts)
    number = np.arange(len(faces)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = starts[faces]
    return np.stack([first, first + number + 1, first + number + 2], axis=1).astype(np.int32), faces


def tessellated(start: int, end: int, places: np.ndarray, corner_vertices: np.ndarray) -> np.ndarray:
    """Return the triangles `(T, 3) int32` of one face, which may be concave, by corners."""
    outline = places[corner_vertices[start:end]]
    if not np.isfinite(outline).all():
        return np.zeros((0, 3), np.int32)
    split = tessellate_polygon([[Vector(place) for place in outline.tolist()]])
    return np.array(split, np.int32).reshape(-1, 3) + np.int32(start)
