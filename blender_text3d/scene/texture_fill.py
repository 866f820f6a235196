# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours at the corners of triangles → the pixels that a texture lays over them. Arrays alone, no Blender."""

from dataclasses import dataclass

import numpy as np

from ..geometry.srgb import srgb_from_linear

PIXELS_PER_BATCH = 200_000
"""Pixels looked at together; more take memory and save no time."""
EDGE_TOLERANCE = 1e-4
"""Share of a triangle that its border is thick, so that no pixel between two of them is missed."""
MIN_AREA = 1e-9
"""Square pixels."""
NEIGHBORS = ((0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1))
SRGB_BYTES = np.rint(255 * srgb_from_linear(np.linspace(0, 1, 2**16))).astype(np.uint8)
"""Of 65,536 steps of light: three hundred of them where 8 bits tell least apart, so bytes come back as they were."""


@dataclass
class Canvas:
    """Pixels, the lowest row first, one after the other.

    Attributes:
        side: In pixels.
        rgba: (side * side, 4) uint8 sRGB.
        is_painted: (side * side,) bool.
    """

    side: int
    rgba: np.ndarray
    is_painted: np.ndarray

    def paint(self, pixels: np.ndarray, colors_linear: np.ndarray) -> None:
        """Paint pixels (N,) with colours (N, 3)."""
        steps = np.rint(np.clip(colors_linear, 0, 1) * np.float32(2**16 - 1)).astype(np.uint16)
        self.rgba[pixels, :3] = SRGB_BYTES[steps]
        self.is_painted[pixels] = True


def paint_texture(corner_uvs: np.ndarray, corner_colors: np.ndarray, side: int, margin: int) -> np.ndarray:
    """The texture of a mesh.

    Args:
        corner_uvs: (T, 3, 2) float, of the corners of T triangles; (0, 0) is the lower left of the texture. What lies
            outside of 0 to 1 is left out.
        corner_colors: (T, 3, 3) float32 linear; between corners light is interpolated, as renderers do.
        side: Of the texture, in pixels.
        margin: Pixels by which colours go on beyond the triangles, so that no seam shows.

    Returns:
        (side, side, 4) uint8 sRGB, the lowest row first; black where nothing is near.
    """
    canvas = Canvas(side, np.full((side * side, 4), (0, 0, 0, 255), np.uint8), np.zeros(side * side, bool))
    corners = corner_uvs.astype(np.float32) * np.float32(side)
    paint_corners(canvas, corners, corner_colors)
    paint_triangles(canvas, corners, corner_colors)
    dilate(canvas, margin)
    return canvas.rgba.reshape(side, side, 4)


def paint_corners(canvas: Canvas, corners: np.ndarray, colors: np.ndarray) -> None:
    """The pixels that corners lie in: all that is painted of a triangle which covers no pixel's middle."""
    x, y = np.floor(corners.reshape(-1, 2)).astype(np.int32).T
    is_inside = (x >= 0) & (y >= 0) & (x < canvas.side) & (y < canvas.side)
    canvas.paint((y * canvas.side + x)[is_inside], colors.reshape(-1, 3)[is_inside])


def paint_triangles(canvas: Canvas, corners: np.ndarray, colors: np.ndarray) -> None:
    """Every pixel whose middle lies in a triangle, as many triangles together as fit in memory."""
    low = np.clip(np.ceil(corners.min(axis=1) - 0.5), 0, canvas.side).astype(np.int32)
    high = np.clip(np.floor(corners.max(axis=1) + 0.5), 0, canvas.side).astype(np.int32)
    sides = np.maximum(high - low, 0)
    ends = np.cumsum(sides.prod(axis=1, dtype=np.int64))
    first = 0
    while first < len(ends):
        done = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + PIXELS_PER_BATCH, side="right")))
        part = slice(first, last)
        paint_batch(canvas, corners[part], colors[part], low[part], sides[part])
        first = last


def paint_batch(canvas: Canvas, corners: np.ndarray, colors: np.ndarray, low: np.ndarray, sides: np.ndarray) -> None:
    """All pixels of the triangles' boxes in one long row, and of these the ones inside.

    Args:
        low, sides: (T, 2) int32 lower left pixel and width and height of each triangle's box.
    """
    counts = sides.prod(axis=1)
    starts = np.cumsum(counts, dtype=np.int32) - counts
    place = np.arange(counts.sum(), dtype=np.int32) - np.repeat(starts, counts)
    row, column = np.divmod(place, np.repeat(sides[:, 0], counts))
    shares = [
        at + right * column + up * row
        for at, right, up in repeat_per_pixel(barycentric_planes(corners - low[:, None]), counts)
    ]
    is_inside = np.flatnonzero(
        (shares[0] >= -EDGE_TOLERANCE) & (shares[1] >= -EDGE_TOLERANCE) & (shares[0] + shares[1] <= 1 + EDGE_TOLERANCE)
    )
    second, third = (share[is_inside, None] for share in shares)
    which = np.repeat(np.arange(len(counts), dtype=np.int32), counts)[is_inside]
    start, mine = colors[:, 0], colors - colors[:, :1]
    x, y = low[which, 0] + column[is_inside], low[which, 1] + row[is_inside]
    canvas.paint(y * canvas.side + x, start[which] + second * mine[which, 1] + third * mine[which, 2])


def repeat_per_pixel(planes: list[np.ndarray], counts: np.ndarray) -> list[tuple[np.ndarray, ...]]:
    """For each pixel of a long row the numbers of its triangle."""
    return [tuple(np.repeat(number, counts) for number in plane) for plane in planes]


def barycentric_planes(corners: np.ndarray) -> list[np.ndarray]:
    """How the shares of the second and the third corner change over the pixels of a triangle's box.

    Args:
        corners: (T, 3, 2) from the lower left of the box, in pixels: small numbers, so that 32 bits are enough.

    Returns:
        Two of (3, T): the share in the middle of the first pixel, and by how much it grows a pixel further right and a
        pixel further up; NaN for flat triangles, which have no inside.
    """
    first, (bx, by), (cx, cy) = corners[:, 0], (corners[:, 1] - corners[:, 0]).T, (corners[:, 2] - corners[:, 0]).T
    double_area = bx * cy - cx * by
    inverse = np.divide(1, double_area, out=np.full_like(double_area, np.nan), where=np.abs(double_area) > MIN_AREA)
    dx, dy = 0.5 - first[:, 0], 0.5 - first[:, 1]
    slopes = ((cy * inverse, -cx * inverse), (-by * inverse, bx * inverse))
    return [np.stack((dx * right + dy * up, right, up)).astype(np.float32) for right, up in slopes]


def dilate(canvas: Canvas, margin: int) -> None:
    """Let colours go on into pixels that nothing was painted on, a ring at a time."""
    side, colors, is_painted = canvas.side, canvas.rgba.view(np.uint32).reshape(-1), canvas.is_painted
    edge = border(is_painted.reshape(side, side))
    for _ in range(margin):
        y, x = np.divmod(edge, side)
        ring = []
        for step_y, step_x in NEIGHBORS:
            to_y, to_x = y + step_y, x + step_x
            is_inside = (to_x >= 0) & (to_y >= 0) & (to_x < side) & (to_y < side)
            source, pixels = edge[is_inside], (to_y * side + to_x)[is_inside]
            is_new = ~is_painted[pixels]
            pixels = pixels[is_new]
            colors[pixels], is_painted[pixels] = colors[source[is_new]], True
            ring.append(pixels)
        edge = np.concatenate(ring)


def border(is_painted: np.ndarray) -> np.ndarray:
    """Painted pixels that have a neighbour which is not, as places in one long row."""
    around = np.pad(is_painted, 1, constant_values=True)
    inner = around[1:-1, :-2] & around[1:-1, 2:] & around[:-2, 1:-1] & around[2:, 1:-1]
    return np.flatnonzero(is_painted & ~inner).astype(np.int32)
