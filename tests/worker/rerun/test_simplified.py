# SPDX-License-Identifier: GPL-3.0-or-later
"""Large meshes are recorded with fewer vertices, in the same place and colors."""

import numpy as np
import pytest

from blender_text3d.geometry import Mesh
from blender_text3d.worker.rerun.archetypes import archetype
from blender_text3d.worker.rerun.simplified import MAX_VERTICES, simplified


def wave(side: int) -> Mesh:
    """Return a wavy sheet of side * side vertices, colored by position."""
    x, y = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side), indexing="ij")
    vertices = np.stack([x, y, 0.2 * np.sin(4 * x)], axis=-1).reshape(-1, 3).astype(np.float32)
    corner = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).ravel()
    faces = np.concatenate([
        np.stack([corner, corner + side, corner + 1], axis=1),
        np.stack([corner + 1, corner + side, corner + side + 1], axis=1),
    ])  # fmt: skip
    return Mesh(vertices, faces.astype(np.int32), ((vertices + 1) / 2).clip(0, 1))


def test_a_small_mesh_is_recorded_as_it_is():
    mesh = wave(int(MAX_VERTICES**0.5))
    assert simplified(mesh) is mesh


@pytest.mark.parametrize("side", [100, 160, 300])
def test_a_large_mesh_has_about_as_many_vertices_as_allowed(side):
    mesh = simplified(wave(side))
    assert MAX_VERTICES / 4 < len(mesh.vertices) < 1.5 * MAX_VERTICES
    assert len(np.unique(mesh.faces)) == len(mesh.vertices)


def test_it_lies_on_the_surface_with_its_colors_and_sides():
    mesh = simplified(wave(200))
    x, y, z = mesh.vertices.T
    np.testing.assert_allclose(z, 0.2 * np.sin(4 * x), atol=0.01)
    np.testing.assert_allclose(mesh.colors, ((mesh.vertices + 1) / 2).clip(0, 1), atol=0.01)
    corners = mesh.vertices[mesh.faces]
    up = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2]
    assert up.min() >= 0
    assert up.sum() / 2 == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize("scale", [0.0, 1e-6, 1e6])
def test_a_mesh_of_any_size_is_simplified(scale):
    mesh = wave(120)
    result = simplified(Mesh(mesh.vertices * np.float32(scale), mesh.faces, mesh.colors))
    assert 1 <= len(result.vertices) < len(mesh.vertices)


def test_a_mesh_without_faces_is_kept():
    vertices = np.zeros((MAX_VERTICES + 1, 3), np.float32)
    mesh = Mesh(vertices, np.zeros((0, 3), np.int32), vertices)
    assert simplified(mesh) is mesh


def test_a_recording_shows_the_simplified_mesh():
    assert len(archetype(wave(150)).vertex_positions) == len(simplified(wave(150)).vertices)
