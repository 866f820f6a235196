# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest

from blender_text3d.engine.surface.edge_flips import corner_cosines, flipped_edges
from blender_text3d.engine.surface.inner_edges import inner_edges
from blender_text3d.engine.surface.relaxation import relaxed

LONG, SHORT = {(0, 1, 2), (0, 3, 1)}, {(0, 3, 2), (1, 2, 3)}


def kite(bend: float = 0.0) -> np.ndarray:
    """Return four points of two faces that share the long diagonal, from 0 to 1; `bend` lifts the other corners."""
    return np.array([[-2.0, 0, 0], [2, 0, 0], [0, 0.5, bend], [0, -0.5, bend]])


def cycles(faces: np.ndarray) -> set[tuple[int, ...]]:
    """Return faces that begin with their smallest corner."""
    return {tuple(np.roll(face, -int(np.argmin(face))).tolist()) for face in faces}


def test_the_long_diagonal_of_a_flat_kite_becomes_the_short_one():
    assert cycles(flipped_edges(kite(), np.array([[0, 1, 2], [1, 0, 3]]))) == SHORT


def test_an_edge_at_which_the_shape_bends_stays():
    assert cycles(flipped_edges(kite(0.4), np.array([[0, 1, 2], [1, 0, 3]]))) == LONG


def test_no_edge_is_made_twice():
    others = np.array([[2, 3, 4]])  # has the short diagonal already
    faces = np.vstack([[[0, 1, 2], [1, 0, 3]], others])
    points = np.vstack([kite(), [[0.0, 0, 1]]])
    np.testing.assert_array_equal(flipped_edges(points, faces), faces)


def test_a_round_never_makes_the_smallest_angle_of_flat_triangles_smaller():
    rng = np.random.default_rng(3)
    points, faces = plane(12, rng)
    before = corner_cosines(points, faces).max()
    for _ in range(8):
        faces = flipped_edges(points, faces)
        now = corner_cosines(points, faces).max()
        assert now <= before
        before = now
    assert len(inner_edges(faces, len(points)).halves) == len(inner_edges(plane(12, rng)[1], len(points)).halves)


def test_a_side_without_length_has_angles_of_0_degrees():
    points = np.array([[0.0, 0, 0], [0, 0, 0], [1, 0, 0]])
    assert corner_cosines(points, np.array([[0, 1, 2]])).max() == 1


def test_vertices_of_a_plane_move_within_it_and_its_border_stays():
    points, faces = plane(12, np.random.default_rng(3))
    is_inner = inner_edges(faces, len(points)).inner_vertices(faces, len(points))
    assert is_inner.sum() == 100
    moved = relaxed(points, faces, is_inner)
    np.testing.assert_allclose(moved[:, 2], 0, atol=1e-12)
    np.testing.assert_array_equal(moved[~is_inner], points[~is_inner])
    assert np.linalg.norm(moved - points, axis=1)[is_inner].min() > 0


def test_a_sharp_edge_stays_in_place():
    points, faces = plane(12, np.random.default_rng(3))
    points[:, 2] = np.minimum(points[:, 0] - 5, 0) * -1  # folded by 45 degrees at x = 5
    is_edge = np.isclose(points[:, 0], 5)
    assert is_edge.sum() == 12
    moved = relaxed(points, faces, inner_edges(faces, len(points)).inner_vertices(faces, len(points)))
    across = np.abs(moved[is_edge] - points[is_edge])[:, [0, 2]]
    along = np.abs(moved[is_edge] - points[is_edge])[:, 1]
    assert across.max() < 0.1
    assert along.max() > 2 * across.max()


@pytest.mark.parametrize("seed", range(5))
def test_no_face_of_a_plane_is_turned_over(seed):
    points, faces = plane(12, np.random.default_rng(seed), jitter=0.49)
    moved = relaxed(points, faces, inner_edges(faces, len(points)).inner_vertices(faces, len(points)))
    assert (heights(moved, faces) > 0).all()


def test_a_vertex_stays_if_the_middle_of_its_faces_is_beyond_one_of_them():
    points = np.array([[0.0, 0.2, 0], [-3, -3, 0], [0, 0, 0], [3, -3, 0], [0, 0.5, 0]])
    faces = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 1]])
    is_movable = np.arange(5) == 0
    assert (heights(points, faces) > 0).all()
    np.testing.assert_array_equal(relaxed(points, faces, is_movable), points)


def heights(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    corner, second, third = points[faces].transpose(1, 0, 2)
    return np.cross(second - corner, third - corner)[:, 2]


def plane(side: int, rng: np.random.Generator, jitter: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Return a plane of side * side points at whole coordinates, moved in y but for the border, and its faces."""
    x, y = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    points = np.stack([x, y, np.zeros_like(x)], axis=2).astype(np.float64)
    points[1:-1, 1:-1, 1] += rng.uniform(-jitter, jitter, (side - 2, side - 2))
    index = np.arange(side * side).reshape(side, side)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    faces = np.concatenate([np.stack([a, b, c], axis=-1), np.stack([a, c, d], axis=-1)])
    return points.reshape(-1, 3), faces.reshape(-1, 3)
