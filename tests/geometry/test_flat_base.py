# SPDX-License-Identifier: GPL-3.0-or-later
"""A flat base keeps a mesh closed, and its colors where they were."""

import numpy as np
import pytest

from blender_text3d.geometry import Mesh
from blender_text3d.geometry.flat_base import split_at, with_flat_base
from blender_text3d.geometry.watertight import defects_of, volume

VERTICES = np.float32([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
FACES = np.int32([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])
TETRAHEDRON = Mesh(VERTICES, FACES, VERTICES.copy())
ON_ITS_TIP = Mesh(np.float32([1, 1, -1]) * VERTICES, FACES[:, ::-1].copy(), VERTICES.copy())


@pytest.mark.parametrize("mesh", [TETRAHEDRON, ON_ITS_TIP])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_the_base_is_flat_and_the_mesh_closed(mesh, share):
    height = float(mesh.vertices[:, 2].min()) + share
    made = with_flat_base(mesh, height).mesh
    assert defects_of(made.vertices, made.faces).is_watertight
    assert made.vertices[:, 2].min() == pytest.approx(height)
    kept = share**3 if mesh is ON_ITS_TIP else (1 - share) ** 3
    assert volume(made.vertices, made.faces) == pytest.approx((1 - kept if mesh is ON_ITS_TIP else kept) / 6, rel=1e-4)


def test_vertices_on_the_plane_are_kept():
    made = split_at(TETRAHEDRON, 0.0)
    np.testing.assert_array_equal(made.mesh.faces, FACES)
    vertices = VERTICES.copy()
    vertices[1, 2] = 0.5
    split = split_at(Mesh(vertices, FACES, vertices.copy()), 0.5).mesh
    assert len(split.vertices) == 4 + 2
    assert defects_of(split.vertices, split.faces).is_watertight


def test_weights_give_the_place_and_the_color_of_each_corner():
    split = split_at(TETRAHEDRON, 0.3)
    expected = split.mesh.vertices[split.mesh.faces]
    found = np.einsum("fkc,fjk->fjc", VERTICES[FACES][split.sources], split.weights)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(split.mesh.colors, split.mesh.vertices, atol=1e-6)
