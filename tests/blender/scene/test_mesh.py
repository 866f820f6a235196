# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays → mesh data."""

import math

import bpy
import numpy as np
import pytest

from blender_text3d.scene.data_access import attribute_values, custom_property, mesh_of
from blender_text3d.scene.mesh import MAX_COMPARED_VERTICES, are_distinct_triangles, fill_mesh, finish_mesh

SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
FACES = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
COLORS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], np.float32)


@pytest.fixture
def data(scene):
    return bpy.data.meshes.new("square")


def test_the_mesh_has_the_vertices_faces_and_colors_in_their_order(data):
    fill_mesh(data, SQUARE, FACES, COLORS)
    assert [tuple(vertex.co) for vertex in data.vertices] == [tuple(row) for row in SQUARE.tolist()]
    assert [tuple(face.vertices) for face in data.polygons] == [(0, 1, 2), (0, 2, 3)]
    assert [tuple(item.color_srgb)[:3] for item in data.attributes["Color"].data] == [tuple(c) for c in COLORS.tolist()]
    assert sorted(tuple(sorted(edge.vertices)) for edge in data.edges) == [(0, 1), (0, 2), (0, 3), (1, 2), (2, 3)]


def test_arrays_that_are_not_contiguous_give_the_same_mesh(data):
    fill_mesh(data, np.asfortranarray(SQUARE), np.asfortranarray(FACES), np.asfortranarray(COLORS))
    assert [tuple(vertex.co) for vertex in data.vertices] == [tuple(row) for row in SQUARE.tolist()]
    assert [tuple(face.vertices) for face in data.polygons] == [(0, 1, 2), (0, 2, 3)]


def test_refilling_replaces_the_geometry_and_keeps_materials_and_properties(data):
    fill_mesh(data, SQUARE, FACES, COLORS)
    data.materials.append(bpy.data.materials.new("red"))
    data["text"] = "kept"
    fill_mesh(data, SQUARE[:3], FACES[:1], COLORS[:3])
    assert (len(data.vertices), len(data.edges), len(data.polygons), len(data.loops)) == (3, 3, 1, 3)
    assert not data.validate()
    assert [material.name for material in data.materials] == ["red"]
    assert data["text"] == "kept"
    assert len(data.color_attributes) == 1


def folded(angle_deg):
    """Return the square with its second triangle folded by an angle along the diagonal."""
    axis = np.array([1, 1, 0]) / math.sqrt(2)
    outward = np.array([-1, 1, 0]) / math.sqrt(2)
    angle = math.radians(angle_deg)
    corner = axis / math.sqrt(2) + (outward * math.cos(angle) + np.array([0, 0, 1]) * math.sin(angle)) / math.sqrt(2)
    return np.vstack([SQUARE[:3], corner]).astype(np.float32)


@pytest.mark.parametrize(("angle_deg", "is_sharp"), [(34, False), (36, True)])
def test_edges_of_more_than_35_degrees_are_sharp(data, angle_deg, is_sharp):
    fill_mesh(data, folded(angle_deg), FACES, COLORS)
    finish_mesh(data, FACES)
    edges = {tuple(sorted(edge.vertices)): edge.use_edge_sharp for edge in data.edges}
    assert edges[0, 2] is is_sharp
    assert all(face.use_smooth for face in data.polygons)


@pytest.mark.parametrize(
    ("faces", "kept"),
    [
        ([[0, 1, 2], [0, 1, 2], [1, 1, 2]], [(0, 1, 2)]),
        ([[0, 1, 2], [0, 1, 2]], [(0, 1, 2)]),
        ([[0, 1, 2], [1, 2, 0]], [(0, 1, 2)]),
        ([[0, 1, 2], [2, 1, 0]], [(0, 1, 2)]),
        ([[0, 1, 2], [1, 1, 2]], [(0, 1, 2)]),
        ([[0, 1, 2], [3, 2, 3]], [(0, 1, 2)]),
        ([[0, 1, 2], [0, 2, 3]], [(0, 1, 2), (0, 2, 3)]),
        ([[2, 1, 0], [3, 2, 0]], [(2, 1, 0), (3, 2, 0)]),
    ],
)
def test_duplicate_and_degenerate_faces_are_removed_and_others_stay(data, faces, kept):
    array = np.array(faces, np.int32)
    fill_mesh(data, SQUARE, array, COLORS)
    finish_mesh(data, array)
    assert [tuple(face.vertices) for face in data.polygons] == kept
    assert are_distinct_triangles(array, len(SQUARE)) is (len(kept) == len(faces))


def test_no_triangles_are_distinct_and_those_of_huge_meshes_are_left_to_blender():
    assert are_distinct_triangles(np.empty((0, 3), np.int32), 0)
    last = MAX_COMPARED_VERTICES - 1
    faces = np.array([[last, last - 1, last - 2], [last, last - 1, last - 3]], np.int32)
    assert are_distinct_triangles(faces, last + 1)
    assert not are_distinct_triangles(faces, last + 2)


def test_data_of_an_object_is_read_by_name(data):
    target = bpy.data.objects.new("square", data)
    target["text"] = "kept"
    assert mesh_of(target) == data
    assert (custom_property(target, "text"), custom_property(target, "missing")) == ("kept", None)
    assert target["text"] == "kept"
    with pytest.raises(KeyError):
        attribute_values(data, "missing")
