# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of sign patterns."""

from collections import Counter

import pytest

from blender_text3d.engine.surface.marching_cubes_tables import EDGES, case_table, rotations

TABLE = [rows[:count].tolist() for rows, count in zip(*case_table(), strict=True)]


def triangles_of(pattern: int) -> list[list[int]]:
    return TABLE[pattern]


def directed_lines(pattern: int) -> list[tuple[int, int]]:
    return [(row[i], row[(i + 1) % 3]) for row in triangles_of(pattern) for i in range(3)]


def rim(pattern: int) -> set[tuple[int, int]]:
    """The lines that belong to one triangle of the cell only."""
    lines = directed_lines(pattern)
    return {(a, b) for a, b in lines if (b, a) not in lines}


def sides_of(edge: int) -> set[tuple[int, int]]:
    """The two sides (axis, 0 or 1) of the cell that contain an edge."""
    low, high = (int(corner) for corner in EDGES[edge])
    return {(axis, low >> axis & 1) for axis in range(3) if (low ^ high) >> axis & 1 == 0}


def lines_on_side(pattern: int, axis: int, end: int) -> Counter:
    """Lines on one side as pairs of corner pairs without the axis, so that both cells name them the same."""

    def name(edge: int) -> tuple[int, ...]:
        return tuple(int(corner) & ~(1 << axis) for corner in EDGES[edge])

    return Counter((name(a), name(b)) for a, b in rim(pattern) if (axis, end) in sides_of(a) & sides_of(b))


def test_every_crossed_edge_and_no_other_has_a_vertex():
    for pattern in range(256):
        crossed = {e for e, (low, high) in enumerate(EDGES) if (pattern >> int(low) ^ pattern >> int(high)) & 1}
        assert {edge for row in triangles_of(pattern) for edge in row} == crossed


def test_no_line_is_drawn_twice_in_a_cell():
    for pattern in range(256):
        assert max(Counter(directed_lines(pattern)).values(), default=1) == 1


def test_exactly_the_lines_of_one_triangle_are_in_a_side():
    for pattern in range(256):
        for a, b in directed_lines(pattern):
            assert bool(sides_of(a) & sides_of(b)) == ((a, b) in rim(pattern))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_neighboring_cells_draw_the_same_lines_on_their_common_side_in_opposite_directions(axis):
    high_corners = [corner for corner in range(8) if corner >> axis & 1]
    drawn = {}
    for pattern in range(256):
        low_signs = tuple(pattern >> (corner - (1 << axis)) & 1 for corner in high_corners)
        high_signs = tuple(pattern >> corner & 1 for corner in high_corners)
        back = Counter({(b, a): n for (a, b), n in lines_on_side(pattern, axis, 0).items()})
        assert drawn.setdefault(low_signs, back) == back
        assert drawn.setdefault(high_signs, lines_on_side(pattern, axis, 1)) == lines_on_side(pattern, axis, 1)
    assert len(drawn) == 16


def test_a_single_inside_corner_has_a_triangle_that_faces_away_from_it():
    assert triangles_of(1) == [[0, 4, 8]]


def test_the_cube_has_24_different_rotations_that_keep_edges():
    found = rotations()
    assert len(set(found)) == 24
    for rotation in found:
        assert {"".join(sorted(str(rotation[int(c)]) for c in edge)) for edge in EDGES} == set(EDGES)
