# SPDX-License-Identifier: GPL-3.0-or-later
"""Triangles within one grid cell for each of the 256 sign patterns of its corners.

Corner number ``x + 2 y + 4 z`` is at ``(x, y, z)`` of the unit cell; bit c of a pattern is set if corner c is inside.
An edge is numbered ``4 axis + index``: edges 0-3 run along x, 4-7 along y and 8-11 along z.

Only 21 patterns are listed; the others are their rotations. If the corners of a cell's side alternate, the two inside
corners are separated from each other, whatever the rest of the cell is: both cells at that side then draw the same
lines on it, and the surface has no holes. No other triangle edge is in a side, so that no edge can belong to more than
two triangles.

Source: Newman and Yi, "A survey of the marching cubes algorithm", 2006 (the 23 classes under rotation alone);
diagonals and order are those of Shap-E's surfaces, so that the faces are equal.
"""

from itertools import permutations, product

import torch
from torch import Tensor

EDGES = ("01", "23", "45", "67", "02", "13", "46", "57", "04", "15", "26", "37")
"""The two corners of each of the 12 edges, lower one first."""

MAX_TRIANGLES = 5
"""Maximal number of triangles in one cell."""

_TRIANGLES_BY_INSIDE = {
    "0": "01-02-04",
    "01": "04-15-02 15-13-02",
    "05": "01-02-04 57-15-45",
    "07": "01-02-04 67-37-57",
    "123": "01-15-02 02-15-26 26-15-37",
    "017": "04-15-02 15-13-02 67-37-57",
    "147": "46-45-04 15-13-01 67-37-57",
    "0123": "04-15-37 04-37-26",
    "0236": "01-46-04 01-67-46 01-13-67 13-37-67",
    "1256": "02-23-67 02-67-46 01-45-57 57-13-01",
    "0237": "04-01-26 01-57-26 26-57-67 01-13-57",
    "1234": "01-15-02 02-15-26 26-15-37 45-04-46",
    "1247": "01-15-13 02-23-26 45-04-46 57-67-37",
    "1236": "02-01-46 01-37-46 01-15-37 46-37-67",
    "02356": "01-46-04 01-67-46 01-13-67 13-37-67 57-15-45",
    "23456": "57-15-04 04-67-57 02-67-04 02-37-67 02-13-37",
    "04567": "15-01-02 02-26-15 15-26-37",
    "123456": "02-01-04 37-67-57",
    "123467": "02-45-04 02-57-45 02-15-57 01-15-02",
    "234567": "15-04-02 13-15-02",
    "1234567": "02-01-04",
}


def rotations() -> list[tuple[int, ...]]:
    """Return the 24 rotations of the cube as sorted tables "corner -> corner".

    Returns:
        24 tuples of 8 corner numbers.
    """
    return sorted(
        _corner_table(axes, flips)
        for axes in permutations(range(3))
        for flips in product((0, 1), repeat=3)
        if _is_even(axes) == (sum(flips) % 2 == 0)
    )


def case_table() -> tuple[Tensor, Tensor]:
    """Return the triangles of every sign pattern.

    Returns:
        edges: (256, 5, 3) int64, edge numbers, counter-clockwise seen from outside; unused rows are 0.
        counts: (256,) int64, number of used rows.
    """
    edges, counts = torch.zeros(256, MAX_TRIANGLES, 3, dtype=torch.int64), torch.zeros(256, dtype=torch.int64)
    for pattern, triangles in _triangles_by_pattern().items():
        edges[pattern, : len(triangles)] = torch.tensor(triangles)
        counts[pattern] = len(triangles)
    return edges, counts


def _triangles_by_pattern() -> dict[int, list[list[int]]]:
    found: dict[int, list[list[int]]] = {}
    for inside, triangles in _TRIANGLES_BY_INSIDE.items():
        for rotation in rotations():
            pattern = sum(1 << rotation[int(corner)] for corner in inside)
            if pattern not in found:
                rows = [row.split("-") for row in triangles.split()]
                found[pattern] = [[_edge_number(edge, rotation) for edge in row] for row in rows]
    return found


def _edge_number(edge: str, rotation: tuple[int, ...]) -> int:
    low, high = sorted(rotation[int(corner)] for corner in edge)
    return EDGES.index(f"{low}{high}")


def _corner_table(axes: tuple[int, ...], flips: tuple[int, ...]) -> tuple[int, ...]:
    """Return each corner's image if axis a becomes axis ``axes[a]``, mirrored if ``flips[a]``."""
    return tuple(sum(((corner >> a & 1) ^ flips[a]) << axes[a] for a in range(3)) for corner in range(8))


def _is_even(axes: tuple[int, ...]) -> bool:
    return sum(axes[a] > axes[b] for a in range(3) for b in range(a + 1, 3)) % 2 == 0
