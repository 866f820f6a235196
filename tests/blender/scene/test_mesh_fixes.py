# SPDX-License-Identifier: GPL-3.0-or-later
"""Defects of meshes, and their repair: each kind is counted, removed, and leaves the rest of the mesh alone."""

import bpy
import numpy as np
import pytest

from blender_text3d.scene.mesh_defects import MeshDefects, count_defects
from blender_text3d.scene.mesh_fixes import Fixes, fix_mesh
from blender_text3d.scene.mesh_report import count_mesh

BOX = [(0, 1, 2, 3), (4, 7, 6, 5), (0, 4, 5, 1), (1, 5, 6, 2), (2, 6, 7, 3), (3, 7, 4, 0)]
CORNERS = [(0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1), (0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
TURNED = [BOX[0][::-1], *BOX[1:]]
INSIDE_OUT = [face[::-1] for face in BOX]
SMALL = [tuple(0.25 + 0.5 * value for value in corner) for corner in CORNERS]
SECOND = [tuple(8 + corner for corner in face) for face in BOX]
TOUCHING = [(2, 8, 9, 10), (6, 13, 12, 11), (2, 6, 11, 8), (8, 11, 12, 9), (9, 12, 13, 10), (10, 13, 6, 2)]
AT_EDGE = [(2, 1, 1), (2, 2, 1), (1, 2, 1), (2, 1, 0), (2, 2, 0), (1, 2, 0)]
BESIDE = [(1, 8, 9, 2), (5, 6, 11, 10), (1, 5, 10, 8), (8, 10, 11, 9), (9, 11, 6, 2)]
AT_SIDE = [(2, 0, 1), (2, 1, 1), (2, 0, 0), (2, 1, 0)]
SOUP = [tuple(4 * face + corner for corner in range(4)) for face in range(6)]
CASES = {
    "a sound box": (BOX, CORNERS, [], {}),
    "two sides missing": (BOX[2:], CORNERS, [], {"holes": 2}),
    "one face turned": (TURNED, CORNERS, [], {"flipped_faces": 1}),
    "inside out": (INSIDE_OUT, CORNERS, [], {"flipped_faces": 6}),
    "an inner wall": ([*BOX, (0, 1, 6, 7)], CORNERS, [], {"holes": 2, "non_manifold_edges": 2}),
    "a face twice": ([*BOX, BOX[0]], CORNERS, [], {"non_manifold_edges": 4}),
    "loose bits": (BOX, [*CORNERS, (9, 9, 9), (8, 8, 8), (7, 7, 7)], [(8, 9)], {"loose_vertices": 1, "loose_edges": 1}),
    "touching at an edge": ([*BOX, *TOUCHING], [*CORNERS, *AT_EDGE], [], {"non_manifold_edges": 1}),
    "touching, inside out": ([face[::-1] for face in [*BOX, *TOUCHING]], [*CORNERS, *AT_EDGE], [],
                             {"non_manifold_edges": 1}),
    "a wall between two": ([*BOX, *BESIDE], [*CORNERS, *AT_SIDE], [], {"non_manifold_edges": 4}),
    "faces that are not joined": (SOUP, [CORNERS[corner] for face in BOX for corner in face], [],
                                  {"holes": 6, "duplicate_vertices": 16}),
    "a cavity": ([*BOX, *(face[::-1] for face in SECOND)], [*CORNERS, *SMALL], [], {}),
    "a speck": ([*BOX, *SECOND], [*CORNERS, *(tuple(5 + 0.01 * value for value in corner) for corner in CORNERS)], [],
                {"small_parts": 1}),
    "a face without area": ([*BOX[1:], (0, 1, 8), (0, 8, 2), (8, 1, 2), (0, 2, 3)], [*CORNERS, (0.5, 0, 1)], [],
                            {"degenerate_faces": 1}),
}  # fmt: skip


def new_mesh(faces, corners=CORNERS, edges=()):
    data = bpy.data.meshes.new("box")
    data.from_pydata(corners, list(edges), faces)
    return data


@pytest.mark.parametrize("case", CASES)
def test_each_defect_is_counted_and_fixed(scene, case):
    faces, corners, edges, defects = CASES[case]
    data = new_mesh(faces, corners, edges)
    assert count_defects(data, 0.001) == MeshDefects(**defects)
    assert (count_defects(data).holes, count_defects(data).non_manifold_edges) == (
        count_mesh(data).holes,
        count_mesh(data).crowded_edges,
    )
    fix_mesh(data, Fixes(small_share=0.001))
    assert count_defects(data, 0.001) == MeshDefects()
    assert count_mesh(data).is_closed
    size = np.ptp([vertex.co[:] for vertex in data.vertices], axis=0)
    assert size.max() in (1, 2)


def test_bodies_that_touched_are_two_parts_afterwards(scene):
    faces, corners, *_ = CASES["touching at an edge"]
    data = new_mesh(faces, corners)
    assert count_mesh(data).parts == 1
    fix_mesh(data, Fixes())
    assert (count_mesh(data).parts, len(data.polygons), len(data.vertices)) == (2, 12, 16)


@pytest.mark.parametrize("name", ["holes", "non_manifold", "normals", "loose", "small_share"])
def test_what_is_switched_off_stays(scene, name):
    case, defect = {
        "holes": ("two sides missing", "holes"),
        "non_manifold": ("a face twice", "non_manifold_edges"),
        "normals": ("one face turned", "flipped_faces"),
        "loose": ("loose bits", "loose_edges"),
        "small_share": ("a speck", "small_parts"),
    }[name]
    faces, corners, edges, _ = CASES[case]
    data = new_mesh(faces, corners, edges)
    before = getattr(count_defects(data, 0.001), defect)
    fix_mesh(data, Fixes(small_share=0.001)._replace(**{name: False}))
    assert getattr(count_defects(data, 0.001), defect) == before > 0


def test_only_holes_up_to_a_size_are_filled(scene):
    data = new_mesh(BOX[2:])
    fix_mesh(data, Fixes(max_hole_edges=3))
    assert count_mesh(data).holes == 2
    fix_mesh(data, Fixes(max_hole_edges=4))
    assert count_mesh(data).holes == 0


def test_filled_holes_take_color_uv_material_and_shading_of_their_neighbors(scene):
    data = new_mesh(BOX[1:])
    for name in ("first", "second"):
        data.materials.append(bpy.data.materials.new(name))
    for face in data.polygons:
        face.material_index, face.use_smooth = 1, True
    colors = data.attributes.new("Corner", "BYTE_COLOR", "CORNER")
    colors.data.foreach_set("color_srgb", np.tile([1.0, 0.5, 0.0, 1.0], len(data.loops)).astype(np.float32))
    data.uv_layers.new(name="map").uv.foreach_set("vector", np.full(2 * len(data.loops), 0.25, np.float32))
    fix_mesh(data, Fixes())
    assert len(data.polygons) == 7
    assert {(face.material_index, face.use_smooth) for face in data.polygons} == {(1, True)}
    found = np.array([item.color_srgb[:] for item in data.attributes["Corner"].data])
    np.testing.assert_allclose(found, np.tile([1.0, 0.5, 0.0, 1.0], (len(found), 1)), atol=0.003)
    np.testing.assert_allclose([item.vector[:] for item in data.uv_layers["map"].uv], 0.25)


def test_shape_keys_and_vertex_groups_stay(scene):
    data = new_mesh([*BOX[1:]], [*CORNERS, (9, 9, 9)])
    target = bpy.data.objects.new("box", data)
    scene.collection.objects.link(target)
    target.vertex_groups.new(name="top").add([0, 1, 2, 3], 1.0, "REPLACE")
    target.shape_key_add(name="Basis")
    key = target.shape_key_add(name="High")
    for corner in range(4):
        key.data[corner].co.z = 3
    fix_mesh(data, Fixes())
    assert count_defects(data) == MeshDefects()
    assert [key.name for key in data.shape_keys.key_blocks] == ["Basis", "High"]
    assert sorted(round(point.co.z) for point in data.shape_keys.key_blocks["High"].data) == [0] * 4 + [3] * 4
    assert [len(vertex.groups) for vertex in data.vertices].count(1) == 4


def test_most_faces_decide_which_ones_of_an_open_part_are_flipped(scene):
    faces = [(row, row + 1, row + 11, row + 10) for row in range(9)]
    corners = [(row % 10, row // 10, 0) for row in range(20)]
    for turned in (2, 7):
        data = new_mesh([face[::-1] if row < turned else face for row, face in enumerate(faces)], corners)
        assert count_defects(data).flipped_faces == 2
        fix_mesh(data, Fixes(holes=False))
        assert count_defects(data).flipped_faces == 0
        up = {round(face.normal.z) for face in data.polygons}
        assert up == ({1} if turned == 2 else {-1})


def test_a_mobius_strip_cannot_be_oriented_and_says_so_each_time(scene):
    count = 12
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    corners = [
        ((1 + side * 0.2 * np.cos(angle / 2)) * np.cos(angle), (1 + side * 0.2 * np.cos(angle / 2)) * np.sin(angle),
         side * 0.2 * np.sin(angle / 2)) for angle in angles for side in (-1, 1)
    ]  # fmt: skip
    faces = [(2 * row, 2 * row + 2, 2 * row + 3, 2 * row + 1) for row in range(count - 1)]
    faces.append((2 * count - 2, 1, 0, 2 * count - 1))
    data = new_mesh(faces, corners)
    fix_mesh(data, Fixes(holes=False))
    assert len(data.polygons) == count
    assert count_mesh(data).twisted_edges == 1


@pytest.mark.parametrize("corners", [[], CORNERS])
def test_a_mesh_without_faces_is_no_error(scene, corners):
    data = new_mesh([], corners)
    assert count_defects(data, 0.1).loose_vertices == len(corners)
    fix_mesh(data, Fixes(small_share=0.1))
    assert len(data.vertices) == 0


def test_none_of_many_parts_of_nearly_one_size_is_small(scene):
    count = 1200
    corners = [(x + 3 * index, y, z * (1 - 0.1 * (index % 3))) for index in range(count) for x, y, z in CORNERS]
    faces = [tuple(8 * index + corner for corner in face) for index in range(count) for face in BOX]
    data = new_mesh(faces, corners)
    assert count_defects(data, 0.001) == MeshDefects()
    fix_mesh(data, Fixes(small_share=0.001))
    assert len(data.polygons) == 6 * count
