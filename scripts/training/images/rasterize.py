# SPDX-License-Identifier: GPL-3.0-or-later
"""A z-buffer in numpy: the visible triangle of each pixel, without a loop over triangles or pixels."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

MAX_CANDIDATES = 2_000_000
"""Maximum number of (triangle, pixel) pairs per chunk, which bounds the memory."""

SLACK = 1e-4
"""Tolerance, as a barycentric weight, of pixels outside a triangle, against cracks between neighbors."""


@dataclass(frozen=True)
class VisibleSurface:
    """The visible surface at each pixel of an image of H rows and W columns.

    Attributes:
        face: (H, W) int64, -1 for background.
        weights: (H, W, 3) float32, barycentric weights in the face.
        depth: (H, W) float32, infinite for background.
    """

    face: np.ndarray
    weights: np.ndarray
    depth: np.ndarray

    @property
    def is_hit(self) -> np.ndarray:
        """(H, W) bool."""
        return self.face >= 0

    def values(self, per_vertex: np.ndarray, faces: np.ndarray) -> np.ndarray:
        """Interpolate vertex values (V, C) at the covered pixels: (P, C)."""
        corners = per_vertex[faces[self.face[self.is_hit]]]
        return (corners * self.weights[self.is_hit][..., None]).sum(axis=1)


def rasterize(points: np.ndarray, faces: np.ndarray, height: int, width: int, cull: bool = True) -> VisibleSurface:
    """Find the nearest triangle at every pixel's center.

    Args:
        points: (V, 3) vertices: column and row in pixels (rows downward), and a depth that is linear across the image.
        faces: (F, 3) int; counter-clockwise, as seen on the image, is the front.
        height: rows.
        width: columns.
        cull: drop triangles seen from behind.

    Returns:
        The visible surface of every pixel.
    """
    planes, boxes, owners = _prepared(points.astype(np.float32), faces, height, width, cull)
    depth = np.full(height * width, np.inf, np.float32)
    face = np.full(height * width, -1)
    for triangle, column, row in _candidates(boxes):
        weights = _weights(planes[triangle], column, row)
        is_in = (weights[:, :3] >= -SLACK).all(axis=1)
        triangle, pixel, near = triangle[is_in], (row * width + column)[is_in], weights[is_in, 3]
        np.minimum.at(depth, pixel, near)
        wins = near == depth[pixel]
        face[pixel[wins]] = triangle[wins]
    return _seen(face.reshape(height, width), depth.reshape(height, width), planes, owners)


def _prepared(points, faces, height, width, cull):
    """Return planes (T, 4, 3), boxes (T, 4) (left, top, columns, rows) and face indices of the triangles in view."""
    corners = points[faces]
    (x0, y0), (x1, y1), (x2, y2) = (corners[:, i, :2].T for i in range(3))
    area = (x2 - x0) * (y1 - y0) - (x1 - x0) * (y2 - y0)  # positive: counter-clockwise with rows downward
    low = np.ceil(corners[..., :2].min(axis=1) - 0.5).clip(0, None)
    high = np.floor(corners[..., :2].max(axis=1) - 0.5).clip(None, (width - 1, height - 1))
    size = (high - low + 1).astype(np.int64)
    owners = np.flatnonzero((size > 0).all(axis=1) & (area > 1e-9 if cull else np.abs(area) > 1e-9))
    boxes = np.concatenate([low[owners].astype(np.int64), size[owners]], axis=1)
    return _planes(corners[owners], area[owners]), boxes, owners


def _planes(corners: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Return (T, 4, 3): the three weights and the depth, each as a + b column + c row of the pixel center."""
    following, last = np.roll(corners, -1, axis=1), np.roll(corners, -2, axis=1)
    across = (following[..., 1] - last[..., 1]) / -area[:, None]
    down = (last[..., 0] - following[..., 0]) / -area[:, None]
    start = -(across * last[..., 0] + down * last[..., 1])
    weights = np.stack([start + 0.5 * (across + down), across, down], axis=2)
    depth = (weights * corners[..., 2, None]).sum(axis=1, keepdims=True)
    return np.concatenate([weights, depth], axis=1)


def _candidates(boxes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield the pixels of every box as (triangle, column, row), in chunks."""
    counts = boxes[:, 2] * boxes[:, 3]
    ends = np.cumsum(counts)
    start = 0
    while start < len(boxes):
        before = ends[start] - counts[start]
        stop = max(start + 1, int(np.searchsorted(ends, before + MAX_CANDIDATES, side="right")))
        triangle = np.repeat(np.arange(start, stop), counts[start:stop])
        place = np.arange(len(triangle)) - (ends - counts - before)[triangle]
        columns = boxes[triangle, 2]
        yield triangle, boxes[triangle, 0] + place % columns, boxes[triangle, 1] + place // columns
        start = stop


def _weights(planes: np.ndarray, column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return (P, 4): the three weights and the depth at pixels."""
    across, down = column[:, None].astype(np.float32), row[:, None].astype(np.float32)
    return planes[:, :, 0] + planes[:, :, 1] * across + planes[:, :, 2] * down


def _seen(triangle: np.ndarray, depth: np.ndarray, planes: np.ndarray, owners: np.ndarray) -> VisibleSurface:
    row, column = np.nonzero(triangle >= 0)
    weights = np.zeros((*triangle.shape, 3), np.float32)
    weights[row, column] = _weights(planes[triangle[row, column]], column, row)[:, :3]
    face = np.where(triangle >= 0, owners[triangle] if len(owners) else -1, -1)
    return VisibleSurface(face, weights, depth)
