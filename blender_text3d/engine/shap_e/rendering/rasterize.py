# SPDX-License-Identifier: GPL-3.0-or-later
"""Rasterization of triangles with a depth test, without loops over triangles or pixels."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

MAX_PAIRS = 1_000_000
"""Pairs of triangle and pixel tested at a time; limits the memory to a few hundred megabytes."""

EDGE_TOLERANCE = 1e-9
"""Distance outside a triangle, relative to its height, at which a pixel's center still counts as inside: no cracks."""


@dataclass(frozen=True)
class PixelHits:
    """The triangles visible at the pixels of an image; Q pixels see one.

    Attributes:
        pixel: (Q,) int64, ascending flat indices of the pixels that see a triangle, row * W + column.
        face: (Q,) int64, index of the triangle.
        weights: (Q, 3) float64, barycentric coordinates of the visible point in space (not in the image).
    """

    pixel: np.ndarray
    face: np.ndarray
    weights: np.ndarray

    def interpolate(self, per_vertex: np.ndarray, faces: np.ndarray) -> np.ndarray:
        """Interpolate values given per vertex, (V, C) float, at the visible points: (Q, C) float64."""
        return np.einsum("qkc,qk->qc", per_vertex[faces[self.face]], self.weights)


def rasterize(corners: np.ndarray, height: int, width: int) -> PixelHits:
    """Find the nearest triangle at the center of every pixel; triangles are double-sided.

    Args:
        corners: (F, 3, 3) float, each corner's column and row in pixels and its positive depth.
        height: number of rows H.
        width: number of columns W.
    """
    corners = corners.astype(np.float64)
    planes, boxes, faces = _edge_functions(corners, height, width)
    pixel, face, shares = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty((0, 3))]
    for triangle, column, row in _pixel_pairs(boxes):
        values = np.einsum("pkd,pd->pk", planes[triangle], np.stack([np.ones(len(row)), column + 0.5, row + 0.5], 1))
        is_in = (values >= -EDGE_TOLERANCE).all(axis=1)
        pixel.append((row * width + column)[is_in])
        face.append(faces[triangle[is_in]])
        shares.append(values[is_in])
    return _nearest(np.concatenate(pixel), np.concatenate(face), np.concatenate(shares), corners)


def _edge_functions(corners: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the triangles that have an area and a pixel center in their bounding box.

    Returns:
        planes: (T, 3, 3) float64, each corner's barycentric coordinate in the image as a + b column + c row.
        boxes: (T, 4) int64, first column, first row, number of columns, number of rows.
        faces: (T,) int64, indices of the triangles.
    """
    points = corners[..., :2]
    low = np.ceil(points.min(axis=1) - 0.5).clip(0, None)
    size = np.floor(points.max(axis=1) - 0.5).clip(None, (width - 1, height - 1)) - low + 1
    area = _cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    faces = np.flatnonzero((size > 0).all(axis=1) & (np.abs(area) > 1e-12))
    second, third = np.roll(points[faces], -1, axis=1), np.roll(points[faces], -2, axis=1)
    planes = np.stack([_cross(second, third), second[..., 1] - third[..., 1], third[..., 0] - second[..., 0]], axis=2)
    boxes = np.concatenate([low[faces], size[faces]], axis=1).astype(np.int64)
    return planes / area[faces, None, None], boxes, faces


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cross product (...,) float64 of vectors (..., 2); positive if b is clockwise from a in the image."""
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _pixel_pairs(boxes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield triangle, column and row, (P,) int64 each, for all pixels of all boxes in batches of about `MAX_PAIRS`."""
    counts = boxes[:, 2] * boxes[:, 3]
    batch = np.cumsum(counts) // MAX_PAIRS
    for number in np.unique(batch):
        chosen = np.flatnonzero(batch == number)
        triangle = np.repeat(chosen, counts[chosen])
        position = np.arange(len(triangle)) - np.repeat(np.cumsum(counts[chosen]) - counts[chosen], counts[chosen])
        row, column = np.divmod(position, boxes[triangle, 2])
        yield triangle, boxes[triangle, 0] + column, boxes[triangle, 1] + row


def _nearest(pixel: np.ndarray, face: np.ndarray, shares: np.ndarray, corners: np.ndarray) -> PixelHits:
    """Return the nearest triangle at each pixel; of equally near ones, the first."""
    inverse_depth = shares / corners[face, :, 2]  # it is linear in the image, the depth is not
    total = inverse_depth.sum(axis=1)
    order = np.lexsort((face, -total, pixel))
    pixel, first = np.unique(pixel[order], return_index=True)
    kept = order[first]
    return PixelHits(pixel, face[kept], inverse_depth[kept] / total[kept, None])
