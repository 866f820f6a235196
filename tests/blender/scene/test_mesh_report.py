# SPDX-License-Identifier: GPL-3.0-or-later
"""The mesh report: faces, parts, and if the mesh is watertight."""

import bpy
import numpy as np
import pytest

from blender_text3d.addon.operators.mesh import mesh_report_lines, watertight_text
from blender_text3d.geometry import Mesh
from blender_text3d.scene.importer import Result, import_result
from blender_text3d.scene.mesh_report import MeshReport, count_groups, count_mesh, report_of, store_report
from blender_text3d.scene.names import MESH_REPORT

BOX = [(0, 1, 2, 3), (4, 7, 6, 5), (0, 4, 5, 1), (1, 5, 6, 2), (2, 6, 7, 3), (3, 7, 4, 0)]
CORNERS = [(0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1), (0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]


def mesh_of(faces, corners=CORNERS):
    data = bpy.data.meshes.new("box")
    data.from_pydata(corners, [], faces)
    return data


def two_boxes():
    """Faces and corners of two separate boxes."""
    other = [tuple(corner + 8 for corner in face) for face in BOX]
    return [*BOX, *other], [*CORNERS, *((x + 5, y, z) for x, y, z in CORNERS)]


def test_a_box_is_watertight(scene):
    report = count_mesh(mesh_of(BOX))
    assert (report.faces, report.vertices, report.parts, report.is_closed) == (6, 8, 1, True)
    assert watertight_text(report) == "Yes"


def test_a_box_without_two_opposite_sides_has_two_holes_of_four_edges(scene):
    report = count_mesh(mesh_of(BOX[2:]))
    assert (report.parts, report.holes, report.open_edges, report.is_closed) == (1, 2, 8, False)
    assert watertight_text(report) == "No: 2 holes, 8 open edges"


def test_two_boxes_are_two_parts(scene):
    assert count_mesh(mesh_of(*two_boxes())).parts == 2


def test_loose_vertices_do_not_count_as_a_part(scene):
    assert count_mesh(mesh_of(BOX, [*CORNERS, (9, 9, 9)])).parts == 1


def test_an_inner_wall_and_a_flipped_face_are_reported(scene):
    walled = count_mesh(mesh_of([*BOX, (0, 1, 6, 7)]))
    assert (walled.crowded_edges, walled.is_closed) == (2, False)
    twisted = count_mesh(mesh_of([BOX[0][::-1], *BOX[1:]]))
    assert (twisted.twisted_edges, twisted.open_edges, twisted.is_closed) == (4, 0, False)
    assert watertight_text(twisted) == "No: 4 flipped edges"


def test_a_mesh_without_faces_is_not_watertight(scene):
    assert watertight_text(count_mesh(mesh_of([]))) == "No: no faces"


def test_many_parts_in_any_order_are_counted(scene):
    count, rng = 500, np.random.default_rng(3)
    corners = np.concatenate([np.array(CORNERS) + (3 * index, 0, 0) for index in range(count)])
    faces = np.concatenate([np.array(BOX) + 8 * index for index in range(count)])
    order = rng.permutation(len(corners))
    faces = np.argsort(order)[faces][rng.permutation(len(faces))]
    report = count_mesh(mesh_of(faces.tolist(), corners[order].tolist()))
    assert (report.parts, report.is_closed) == (count, True)


def test_a_long_strip_is_one_part(scene):
    length = 3000
    corners = [(index, side, 0) for index in range(length) for side in (0, 1)]
    faces = [(2 * index, 2 * index + 2, 2 * index + 3, 2 * index + 1) for index in range(length - 1)]
    report = count_mesh(mesh_of(faces, corners))
    assert (report.parts, report.holes, report.open_edges) == (1, 1, 2 * length)


def test_an_imported_mesh_is_counted_after_validation(scene, mesh):
    doubled = Mesh(mesh.vertices, np.concatenate([mesh.faces, mesh.faces[:1]]), mesh.colors)
    (target,) = import_result(Result("job-1", "a ball", {}, doubled, None, 1.0, (0, 0, 0)), scene)
    report = report_of(target.data)
    assert report.faces == len(target.data.polygons) == len(mesh.faces)
    assert (report.parts, report.holes, report.open_edges) == (1, 2, 48)


@pytest.mark.parametrize("kept", ["text", 5, {"faces": "many"}, {"faces": 1}, [1, 2]])
def test_an_invalid_stored_report_reads_as_none(scene, kept):
    data = mesh_of(BOX)
    data[MESH_REPORT] = kept
    assert report_of(data) is None


def test_a_stored_report_is_read_again(scene):
    data = mesh_of(BOX[2:])
    assert report_of(data) is None
    expected = MeshReport(8, 4, 1, 8, 2, 0, 0)
    assert store_report(data) == report_of(data) == count_mesh(data) == expected
    assert data[MESH_REPORT].to_dict() == {
        "vertices": 8, "faces": 4, "parts": 1, "open_edges": 8, "holes": 2, "crowded_edges": 0, "twisted_edges": 0,
    }  # fmt: skip


def test_only_a_mesh_has_a_report(scene):
    camera = bpy.data.cameras.new("camera")
    camera[MESH_REPORT] = {"vertices": 8, "faces": 4, "parts": 1, "open_edges": 0, "holes": 0, "crowded_edges": 0,
                           "twisted_edges": 0}  # fmt: skip
    assert report_of(camera) is None
    assert report_of(None) is None


@pytest.mark.parametrize("value", [True, 1.0, "1", None])
def test_a_stored_count_that_is_not_a_whole_number_makes_the_report_invalid(scene, value):
    data = mesh_of(BOX)
    store_report(data)
    if value is None:
        del data[MESH_REPORT]["twisted_edges"]
    else:
        data[MESH_REPORT]["twisted_edges"] = value
    assert report_of(data) is None


@pytest.mark.parametrize(
    ("faces", "open_edges", "crowded_edges", "twisted_edges", "is_closed"),
    [(1, 0, 0, 0, True), (0, 0, 0, 0, False), (4, 1, 0, 0, False), (4, 0, 1, 0, False), (4, 0, 0, 1, False)],
)
def test_a_mesh_is_closed_if_it_has_faces_and_no_edge_is_wrong(
    faces, open_edges, crowded_edges, twisted_edges, is_closed
):
    assert MeshReport(9, faces, 1, open_edges, 0, crowded_edges, twisted_edges).is_closed is is_closed


def test_loose_edges_are_neither_a_part_nor_a_hole(scene):
    data = bpy.data.meshes.new("edges")
    data.from_pydata([*CORNERS, (9, 9, 9), (8, 8, 8)], [(8, 9)], BOX)
    assert count_mesh(data) == MeshReport(10, 6, 1, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("pairs", "count"),
    [([], 0), ([(0, 1)], 1), ([(0, 1), (2, 3)], 2), ([(3, 2), (2, 1), (1, 3)], 1), ([(4, 0), (1, 3), (3, 4)], 1)],
)
def test_groups_of_connected_vertices_are_counted(pairs, count):
    assert count_groups(np.array(pairs, np.int32).reshape(-1, 2), 5) == count


def test_the_panel_shows_the_report_and_marks_one_that_is_out_of_date(addon, scene):
    bpy.ops.text3d.generate()
    (target,) = scene.objects
    assert mesh_report_lines(target) == [("Faces", "4"), ("Loose Parts", "1"), ("Watertight", "Yes")]
    target.data.clear_geometry()
    target.data.from_pydata(CORNERS, [], BOX[1:])
    assert mesh_report_lines(target) == [("Faces", "5"), ("Watertight", "Out of date")]
    assert bpy.ops.text3d.check_mesh() == {"FINISHED"}
    assert mesh_report_lines(target)[-1] == ("Watertight", "No: 1 hole, 4 open edges")


def test_the_panel_shows_the_number_of_faces_after_decimate(addon, scene):
    addon.most_faces = 2
    bpy.ops.text3d.generate()
    (target,) = scene.objects
    bpy.context.view_layer.update()
    shown = len(target.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.polygons)
    assert shown <= 2
    assert mesh_report_lines(target)[0] == ("Faces", f"{shown} of 4 shown" if shown else "4")
    target.modifiers.clear()
    assert mesh_report_lines(target)[0] == ("Faces", "4")


def test_a_cloud_has_no_report(addon, scene):
    addon.outputs = "cloud"
    bpy.ops.text3d.generate()
    assert mesh_report_lines(scene.objects[0]) == []
