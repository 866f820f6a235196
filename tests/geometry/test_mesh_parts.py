# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a mesh, and whether its surface is closed."""

import numpy as np
import pytest

from blender_text3d.geometry.mesh_parts import component_labels, is_watertight, part_count

VERTICES = np.float32([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
FACES = np.int32([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])


def together(*scales):
    """Return tetrahedra of these sizes as one mesh."""
    vertices = np.concatenate([scale * VERTICES + 10 * index for index, scale in enumerate(scales)])
    faces = np.concatenate([FACES + 4 * index for index in range(len(scales))])
    return vertices.astype(np.float32), faces.astype(np.int32)


@pytest.mark.parametrize(
    ("scales", "count"), [((1,), 1), ((1, 1), 2), ((1, 0.05), 1), ((1, 0.2, 0.3), 3), ((1,) * 200, 1)]
)
def test_pieces_of_a_hundredth_of_the_area_are_parts(scales, count):
    assert part_count(*together(*scales)) == count


def test_a_mesh_without_faces_has_no_part_and_is_not_closed():
    assert part_count(VERTICES, FACES[:0]) == 0
    assert not is_watertight(FACES[:0])


@pytest.mark.parametrize(
    ("faces", "is_closed"),
    [
        (FACES, True),
        (FACES[:3], False),
        (np.concatenate([FACES, FACES[:1]]), False),
        (np.concatenate([FACES[:3], FACES[3:, ::-1]]), False),
        (np.concatenate([FACES[:3], [[0, 3, 3]]]), False),
    ],
)
def test_a_surface_is_closed_if_each_edge_joins_two_faces_of_one_orientation(faces, is_closed):
    assert is_watertight(faces) is is_closed


def test_a_component_is_named_by_its_lowest_element():
    pairs = np.int32([[5, 3], [3, 7], [1, 2], [6, 7]])
    assert component_labels(pairs, 9).tolist() == [0, 1, 1, 3, 4, 3, 3, 3, 8]


def test_a_long_chain_is_one_component():
    order = np.random.default_rng(3).permutation(5_000).astype(np.int32)
    assert not component_labels(np.stack([order[:-1], order[1:]], axis=1), 5_000).any()
