# SPDX-License-Identifier: GPL-3.0-or-later
"""Which triangle every pixel of a pinhole camera sees: a depth test without a loop over triangles or pixels."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

MAX_PAIRS = 1_000_000
"""Pairs of triangle and pixel looked at at once; bounds the memory to a few hundred megabytes."""

SLACK = 1e-9
"""How far outside a triangle, in parts of its height, a pixel's centre still counts as in: no cracks between two."""


@dataclass(frozen=True)
class Seen:
    """What the pixels of an image of P = H * W pixels see; Q of them see something.

    Attributes:
        pixel: [Q] int64, rising flat numbers of the pixels that see a triangle, row * W + column.
        face: [Q] int64, which triangle.
        weights: [Q, 3] float64, how much of each corner is in the point seen, in space (not on the picture).
    """

    pixel: np.ndarray
    face: np.ndarray
    weights: np.ndarray

    def values(self, per_vertex: np.ndarray, faces: np.ndarray) -> np.ndarray:
        """Numbers given at vertices [V, C], at the points seen: [Q, C]."""
        return np.einsum("qkc,qk->qc", per_vertex[faces[self.face]], self.weights)


def rasterize(corners: np.ndarray, height: int, width: int) -> Seen:
    """Find the nearest triangle at the centre of every pixel; both sides of a triangle can be seen.

    Args:
        corners: [F, 3, 3] float: for each corner its column and row in pixels, and its distance ahead, all positive.
        height: H, rows.
        width: W, columns.
    """
    corners = corners.astype(np.float64)
    planes, boxes, owners = _on_picture(corners, height, width)
    pixel, face, share = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty((0, 3))]
    for triangle, column, row in _pairs(boxes):
        found = np.einsum("pkd,pd->pk", planes[triangle], np.stack([np.ones(len(row)), column + 0.5, row + 0.5], 1))
        is_in = (found >= -SLACK).all(axis=1)
        pixel.append((row * width + column)[is_in])
        face.append(owners[triangle[is_in]])
        share.append(found[is_in])
    return _nearest(np.concatenate(pixel), np.concatenate(face), np.concatenate(share), corners)


def _on_picture(corners: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Triangles with a pixel's centre in their bounding box and with an area.

    Returns:
        planes: [T, 3, 3], each corner's share on the picture as a + b column + c row.
        boxes: [T, 4] int64: first column, first row, columns, rows.
        owners: [T] int64, which faces they are.
    """
    places = corners[..., :2]
    low = np.ceil(places.min(axis=1) - 0.5).clip(0, None)
    size = np.floor(places.max(axis=1) - 0.5).clip(None, (width - 1, height - 1)) - low + 1
    area = _turn(places[:, 1] - places[:, 0], places[:, 2] - places[:, 0])
    owners = np.flatnonzero((size > 0).all(axis=1) & (np.abs(area) > 1e-12))
    after, last = np.roll(places[owners], -1, axis=1), np.roll(places[owners], -2, axis=1)
    planes = np.stack([_turn(after, last), after[..., 1] - last[..., 1], last[..., 0] - after[..., 0]], axis=2)
    boxes = np.concatenate([low[owners], size[owners]], axis=1).astype(np.int64)
    return planes / area[owners, None, None], boxes, owners


def _turn(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Area [...] of the parallelogram of two vectors [..., 2], positive if the second is clockwise on the picture."""
    return one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]


def _pairs(boxes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Every pixel of every box as triangle, column and row, [P] int64 each, in portions of about `MAX_PAIRS`."""
    counts = boxes[:, 2] * boxes[:, 3]
    portion = np.cumsum(counts) // MAX_PAIRS
    for number in np.unique(portion):
        chosen = np.flatnonzero(portion == number)
        triangle = np.repeat(chosen, counts[chosen])
        place = np.arange(len(triangle)) - np.repeat(np.cumsum(counts[chosen]) - counts[chosen], counts[chosen])
        row, column = np.divmod(place, boxes[triangle, 2])
        yield triangle, boxes[triangle, 0] + column, boxes[triangle, 1] + row


def _nearest(pixel: np.ndarray, face: np.ndarray, share: np.ndarray, corners: np.ndarray) -> Seen:
    """The nearest of all triangles found at each pixel; of equally near ones, the first."""
    closeness = share / corners[face, :, 2]  # what is linear on the picture is not the distance but its inverse
    total = closeness.sum(axis=1)
    order = np.lexsort((face, -total, pixel))
    pixel, first = np.unique(pixel[order], return_index=True)
    kept = order[first]
    return Seen(pixel, face[kept], closeness[kept] / total[kept, None])
