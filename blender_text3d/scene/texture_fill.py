# SPDX-License-Identifier: GPL-3.0-or-later
"""Colors at the corners of triangles → the pixels of a texture. numpy only, no bpy."""

from dataclasses import dataclass

import numpy as np

from ..geometry.srgb import srgb_from_linear

PIXELS_PER_BATCH = 200_000
"""Pixels per step; more take memory and save no time."""
EDGE_TOLERANCE = 1e-4
"""Barycentric tolerance of a triangle's edges, so that no pixel between two triangles is missed."""
MIN_AREA = 1e-9
"""Doubled area in square pixels below which a triangle is degenerate."""
NEIGHBORS = ((0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1))
SRGB_BYTES = np.rint(255 * srgb_from_linear(np.linspace(0, 1, 2**16))).astype(np.uint8)
"""sRGB byte of each of 65,536 linear steps. The densest bytes are 300 steps apart, so bytes survive a round trip."""


@dataclass
class Canvas:
    """A square image, flattened, bottom row first.

    Attributes:
        side: Width and height S in pixels.
        rgba: `(S * S, 4) uint8` sRGB.
        is_painted: `(S * S,) bool`.
    """

    side: int
    rgba: np.ndarray
    is_painted: np.ndarray

    def paint(self, pixels: np.ndarray, colors_linear: np.ndarray) -> None:
        """Paint pixels, `(N,) int32` indices, in linear colors, `(N, 3) float32`."""
        steps = np.rint(np.clip(colors_linear, 0, 1) * np.float32(2**16 - 1)).astype(np.uint16)
        self.rgba[pixels, :3] = SRGB_BYTES[steps]
        self.is_painted[pixels] = True


def paint_texture(corner_uvs: np.ndarray, corner_colors: np.ndarray, side: int, margin: int) -> np.ndarray:
    """Return the texture of a mesh with F triangles.

    Args:
        corner_uvs: `(F, 3, 2) float32` UVs; (0, 0) is the lower left of the texture. Parts outside of 0 to 1 are
            skipped.
        corner_colors: `(F, 3, 3) float32` linear, interpolated linearly as renderers do.
        side: Width and height S of the texture in pixels.
        margin: Pixels by which the colors are dilated beyond the triangles, so that no seam shows.

    Returns:
        `(S, S, 4) uint8` sRGB, bottom row first. The rest has mean colors of what is near: no mipmap mixes in others.
    """
    canvas = painted_canvas(corner_uvs, corner_colors, side, margin)
    fill_rest(canvas)
    return canvas.rgba.reshape(side, side, 4)


def painted_canvas(corner_uvs: np.ndarray, corner_colors: np.ndarray, side: int, margin: int) -> Canvas:
    """Return the triangles and their margin on black; the arguments are those of `paint_texture`."""
    canvas = Canvas(side, np.full((side * side, 4), (0, 0, 0, 255), np.uint8), np.zeros(side * side, bool))
    corners = corner_uvs.astype(np.float32) * np.float32(side)
    paint_corners(canvas, corners, corner_colors)
    paint_triangles(canvas, corners, corner_colors)
    dilate(canvas, margin)
    return canvas


def paint_corners(canvas: Canvas, corners: np.ndarray, colors: np.ndarray) -> None:
    """Paint the pixels that contain corners, since a small triangle may cover no pixel center."""
    x, y = np.floor(corners.reshape(-1, 2)).astype(np.int32).T
    is_inside = (x >= 0) & (y >= 0) & (x < canvas.side) & (y < canvas.side)
    canvas.paint((y * canvas.side + x)[is_inside], colors.reshape(-1, 3)[is_inside])


def paint_triangles(canvas: Canvas, corners: np.ndarray, colors: np.ndarray) -> None:
    """Paint every pixel whose center is in a triangle, PIXELS_PER_BATCH at a time."""
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
    """Test all pixels of the triangles' bounding boxes at once, and paint the ones inside.

    Args:
        canvas: The image.
        corners: `(F, 3, 2) float32` in pixels.
        colors: `(F, 3, 3) float32` linear.
        low: `(F, 2) int32` lower left pixel of each bounding box.
        sides: `(F, 2) int32` width and height of each bounding box.
    """
    counts = sides.prod(axis=1)
    starts = np.cumsum(counts, dtype=np.int32) - counts
    offset = np.arange(counts.sum(), dtype=np.int32) - np.repeat(starts, counts)
    row, column = np.divmod(offset, np.repeat(sides[:, 0], counts))
    shares = [
        at + right * column + up * row
        for at, right, up in repeat_per_pixel(barycentric_planes(corners - low[:, None]), counts)
    ]
    is_inside = np.flatnonzero(
        (shares[0] >= -EDGE_TOLERANCE) & (shares[1] >= -EDGE_TOLERANCE) & (shares[0] + shares[1] <= 1 + EDGE_TOLERANCE)
    )
    second, third = (share[is_inside, None] for share in shares)
    triangle = np.repeat(np.arange(len(counts), dtype=np.int32), counts)[is_inside]
    first_color, difference = colors[:, 0], colors - colors[:, :1]
    x, y = low[triangle, 0] + column[is_inside], low[triangle, 1] + row[is_inside]
    canvas.paint(
        y * canvas.side + x, first_color[triangle] + second * difference[triangle, 1] + third * difference[triangle, 2]
    )


def repeat_per_pixel(planes: list[np.ndarray], counts: np.ndarray) -> list[tuple[np.ndarray, ...]]:
    """Repeat the coefficients of each triangle for all pixels of its bounding box."""
    return [tuple(np.repeat(number, counts) for number in plane) for plane in planes]


def barycentric_planes(corners: np.ndarray) -> list[np.ndarray]:
    """Return the barycentric coordinates of the second and third corner as linear functions of the pixel.

    Args:
        corners: `(F, 3, 2) float32` in pixels from the lower left of the bounding box: small, so 32 bits suffice.

    Returns:
        Two of `(3, F) float32`: the coordinate at the center of the first pixel, and its change per pixel to the right
        and per pixel upwards; NaN for degenerate triangles.
    """
    first, (bx, by), (cx, cy) = corners[:, 0], (corners[:, 1] - corners[:, 0]).T, (corners[:, 2] - corners[:, 0]).T
    double_area = bx * cy - cx * by
    inverse = np.divide(1, double_area, out=np.full_like(double_area, np.nan), where=np.abs(double_area) > MIN_AREA)
    dx, dy = 0.5 - first[:, 0], 0.5 - first[:, 1]
    slopes = ((cy * inverse, -cx * inverse), (-by * inverse, bx * inverse))
    return [np.stack((dx * right + dy * up, right, up)).astype(np.float32) for right, up in slopes]


def dilate(canvas: Canvas, margin: int) -> None:
    """Spread colors into unpainted pixels, one ring per step."""
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
    """Return the indices of painted pixels with an unpainted neighbor, `(N,) int32`."""
    around = np.pad(is_painted, 1, constant_values=True)
    inner = around[1:-1, :-2] & around[1:-1, 2:] & around[:-2, 1:-1] & around[2:, 1:-1]
    return np.flatnonzero(is_painted & ~inner).astype(np.int32)


def fill_rest(canvas: Canvas) -> None:
    """Give unpainted pixels the mean color of the smallest block around them that has painted ones.

    Blocks have sides of 2, 4, 8 … pixels and lie on a grid, so mipmaps of all levels have means of painted pixels.

    Source: Gortler et al., "The Lumigraph", 1996, section 3.4 (push and pull).
    """
    side = 1 << max(0, canvas.side - 1).bit_length()
    weights = np.zeros((side, side, 1), np.float32)
    weights[: canvas.side, : canvas.side, 0] = canvas.is_painted.reshape(canvas.side, canvas.side)
    colors = np.zeros((side, side, 3), np.float32)
    colors[: canvas.side, : canvas.side] = canvas.rgba.reshape(canvas.side, canvas.side, 4)[..., :3]
    filled = pushed(colors * weights, weights)
    if filled is not None:
        rest = np.flatnonzero(~canvas.is_painted)
        y, x = np.divmod(rest, canvas.side)
        canvas.rgba[rest, :3] = np.rint(filled[y, x])


def pushed(sums: np.ndarray, counts: np.ndarray) -> np.ndarray | None:
    """Return the mean colors of blocks, `(B, B, 3) float32`; empty ones have that of the larger block around.

    Args:
        sums: `(B, B, 3) float32`, sums of the painted pixels' colors; B is a power of two.
        counts: `(B, B, 1) float32`, numbers of painted pixels.

    Returns:
        None if nothing is painted.
    """
    means: np.ndarray = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    empty = counts[..., 0] == 0
    if not empty.any() or len(sums) == 1:
        return None if empty.any() else means
    larger = pushed(block_sums(sums), block_sums(counts))
    if larger is None:
        return None
    y, x = np.nonzero(empty)
    means[y, x] = larger[y // 2, x // 2]
    return means


def block_sums(values: np.ndarray) -> np.ndarray:
    """Return the sums of blocks of 2 x 2."""
    pairs = values[::2] + values[1::2]
    sums: np.ndarray = pairs[:, ::2] + pairs[:, 1::2]
    return sums
