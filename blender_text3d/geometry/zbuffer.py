# SPDX-License-Identifier: GPL-3.0-or-later
"""A depth buffer for many small triangles or spheres under parallel projection, in float32.

It is several times faster than the rasterizer of the views, which projects in perspective and leaves no gap at the
seams of triangles. Coordinates are separate arrays, because numpy is slow along axes of two or three elements.
"""

import math
from dataclasses import dataclass

import numpy as np

INSIDE = np.float32(-1e-4)
"""Lowest barycentric coordinate inside a triangle; the rounding of float32 would leave gaps at 0."""
MIN_AREA = 1e-9


@dataclass(frozen=True)
class Hits:
    """The item that each pixel of an image sees; Q pixels see one.

    Attributes:
        pixel: (Q,) int32, flat index of the pixel, row * side + column.
        item: (Q,) int64, index of the visible triangle or sphere.
        weights: (3, Q) float32: of a triangle, the barycentric coordinates; of a sphere, its normal: right, up and
            toward the viewer.
    """

    pixel: np.ndarray
    item: np.ndarray
    weights: np.ndarray


def triangle_hits(corners: np.ndarray, side: int) -> Hits:
    """Return the nearest triangle at each pixel's center.

    Args:
        corners: (3, 3, F) float32: column and row in pixels, and depth, of each corner of each triangle.
        side: Width and height of the image in pixels.
    """
    first_column, columns = _centers_between(corners[0], side)
    first_row, rows = _centers_between(corners[1], side)
    seen = np.flatnonzero((columns > 0) & (rows > 0))
    triangle, place = _repeated(columns[seen] * rows[seen])
    row, column = np.divmod(place, columns[seen][triangle])
    triangle = seen[triangle]
    row += first_row[triangle]
    column += first_column[triangle]
    weights = _barycentric(corners[:2], triangle, column, row)
    inside = np.flatnonzero(np.minimum(np.minimum(weights[0], weights[1]), weights[2]) >= INSIDE)
    triangle, weights, pixel = triangle[inside], weights[:, inside], row[inside] * np.int32(side) + column[inside]
    depth = sum(weights[corner] * corners[2, corner][triangle] for corner in range(3))
    nearest = _nearest(pixel, depth, side)
    return Hits(pixel[nearest], triangle[nearest], weights[:, nearest])


def sphere_hits(centers: np.ndarray, radius_px: float, side: int) -> Hits:
    """Return the nearest sphere at each pixel's center.

    Args:
        centers: (3, N) float32: column, row and depth in pixels.
        radius_px: Radius of all spheres.
        side: Width and height of the image in pixels.
    """
    count, radius = centers.shape[1], np.float32(radius_px)
    columns, rows = (offsets[:, None] for offsets in _offsets(radius_px))
    corner = np.floor(centers[:2])
    right, down = corner + np.float32(0.5) - centers[:2]
    right = (right + columns.astype(np.float32)) / radius
    down = (down + rows.astype(np.float32)) / radius
    first_column, first_row = corner.astype(np.int32)
    column, row = first_column + columns, first_row + rows
    rest = 1 - right * right - down * down
    inside = np.flatnonzero((rest > 0) & (np.minimum(column, row) >= 0) & (np.maximum(column, row) < side))
    pixel, toward = (row * np.int32(side) + column).ravel()[inside], np.sqrt(rest.ravel()[inside])
    nearest = _nearest(pixel, centers[2][inside % count] - toward * radius, side)
    seen = inside[nearest]
    normals = np.stack([right.ravel()[seen], -down.ravel()[seen], toward[nearest]])
    return Hits(pixel[nearest], seen % count, normals)


def _offsets(radius_px: float) -> np.ndarray:
    """Return the columns and rows, (2, K) int32, of the pixels that a sphere may cover, relative to that of its center.

    The center is anywhere in its pixel, so another pixel's center is half a pixel nearer at most.
    """
    reach = math.ceil(radius_px - 0.5)
    steps = np.arange(-reach, reach + 1, dtype=np.int32)
    offsets = np.stack(np.meshgrid(steps, steps)).reshape(2, -1)
    nearest = (np.abs(offsets) - 0.5).clip(0, None)
    return offsets[:, np.hypot(*nearest) < radius_px]


def _centers_between(corners: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first pixel and the number of pixels whose centers each triangle spans in one direction, (F,) int32.

    Args:
        corners: (3, F) float32, columns or rows of the corners.
        side: Number of pixels.
    """
    low = np.minimum(np.minimum(corners[0], corners[1]), corners[2])
    high = np.maximum(np.maximum(corners[0], corners[1]), corners[2])
    first = np.ceil(low - np.float32(0.5)).astype(np.int32).clip(0, None)
    last = np.floor(high - np.float32(0.5)).astype(np.int32).clip(None, side - 1)
    return first, last - first + 1


def _repeated(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the index of each item as often as it counts, and 0, 1, 2 … within each item, (P,) int32 each."""
    index = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    start = np.cumsum(counts, dtype=np.int32) - counts
    return index, np.arange(len(index), dtype=np.int32) - start[index]


def _barycentric(corners: np.ndarray, triangle: np.ndarray, column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return the barycentric coordinates of pixel centers in their triangles, (3, P) float32.

    Args:
        corners: (2, 3, F) float32, column and row of each corner.
        triangle: (P,) int64, index of the triangle.
        column: (P,) int32.
        row: (P,) int32.
    """
    (x, y), (bx, by), (cx, cy) = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = bx * cy - by * cx
    scale = np.divide(1, area, out=np.full_like(area, np.nan), where=np.abs(area) > MIN_AREA)  # NaN is never inside
    right = column.astype(np.float32) + np.float32(0.5) - x[triangle]
    down = row.astype(np.float32) + np.float32(0.5) - y[triangle]
    b = right * (cy * scale)[triangle] - down * (cx * scale)[triangle]
    c = down * (bx * scale)[triangle] - right * (by * scale)[triangle]
    return np.stack([1 - b - c, b, c])


def _nearest(pixel: np.ndarray, depth: np.ndarray, side: int) -> np.ndarray:
    """Return the index of the nearest candidate of each pixel that has one; of equally near ones, the last."""
    nearest_depth = np.full(side * side, np.inf, np.float32)
    np.minimum.at(nearest_depth, pixel, depth)
    winners = np.flatnonzero(depth == nearest_depth[pixel])
    chosen = np.full(side * side, -1)
    chosen[pixel[winners]] = winners
    return chosen[chosen >= 0]
