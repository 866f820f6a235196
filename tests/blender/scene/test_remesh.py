# SPDX-License-Identifier: GPL-3.0-or-later
"""Remesh: even triangles and quads on the same surface, with colors, materials and vertex groups."""

import bpy
import numpy as np
import pytest

from blender_text3d.scene.face_arrays import RemeshError
from blender_text3d.scene.mesh_report import count_mesh
from blender_text3d.scene.remesh import MAX_FACES, QUADS, TRIANGLES, remeshed
from tests.blender.mesh_measures import add_colored_ball, difference, smallest_angles

NO_SCALE = np.ones(3)


def test_even_triangles_keep_shape_and_sharp_colors(scene):
    data = add_colored_ball().data
    created = remeshed(data, TRIANGLES, 5000, NO_SCALE)
    assert len(created.polygons) == pytest.approx(5000, rel=0.1)
    assert {len(face.vertices) for face in created.polygons} == {3}
    assert count_mesh(created).is_closed
    assert np.percentile(smallest_angles(created), 1) > 30
    assert difference(data, created).color < 2
    assert difference(data, created).distance < 0.002
    assert created.color_attributes.active_color_name == "Color"
    assert all(face.use_smooth for face in created.polygons)


def test_quads_keep_shape_and_colors(scene):
    data = add_colored_ball(5, edge=-0.5).data
    created = remeshed(data, QUADS, 1000, NO_SCALE)
    assert len(created.polygons) == pytest.approx(1000, rel=0.15)
    assert {len(face.vertices) for face in created.polygons} == {4}
    assert count_mesh(created).is_closed
    assert difference(data, created).color < 3
    assert difference(data, created).distance < 0.004


def test_the_old_mesh_is_untouched_and_nothing_is_left_over(scene):
    data = add_colored_ball(4).data
    before = {name: len(getattr(bpy.data, name)) for name in ("meshes", "objects", "scenes")}
    active = bpy.context.object
    for kind in (TRIANGLES, QUADS):
        bpy.data.meshes.remove(remeshed(data, kind, 200, NO_SCALE))
    assert {name: len(getattr(bpy.data, name)) for name in before} == before
    assert (len(data.polygons), bpy.context.object, bpy.context.scene) == (1280, active, scene)


@pytest.mark.parametrize("kind", [TRIANGLES, QUADS])
def test_each_face_keeps_its_material_and_custom_properties_stay(scene, kind):
    data = add_colored_ball(4).data
    for index in range(5):
        data.materials.append(bpy.data.materials.new(f"material {index}"))
    for face in data.polygons:
        face.material_index = min(4, int((face.center.z + 1) * 2.5))
    data["note"] = 7
    created = remeshed(data, kind, 600, NO_SCALE)
    assert [material.name for material in created.materials] == [f"material {index}" for index in range(5)]
    assert created["note"] == 7
    expected = [min(4, int((face.center.z + 1) * 2.5)) for face in created.polygons]
    same = np.mean([face.material_index == index for face, index in zip(created.polygons, expected, strict=True)])
    assert same > 0.9


def test_vertex_groups_and_other_attributes_are_interpolated_and_uv_maps_dropped(scene):
    target = add_colored_ball(4)
    data = target.data
    group = target.vertex_groups.new(name="top")
    for vertex in data.vertices:
        if vertex.co.z > 0:
            group.add([vertex.index], vertex.co.z, "REPLACE")
    height = data.attributes.new("height", "FLOAT", "POINT")
    height.data.foreach_set("value", [vertex.co.z for vertex in data.vertices])
    part = data.attributes.new("part", "INT", "FACE")
    part.data.foreach_set("value", [int(face.center.x > 0) for face in data.polygons])
    assert data.uv_layers
    created = remeshed(data, TRIANGLES, 1000, NO_SCALE)
    assert not created.uv_layers
    shown = bpy.data.objects.new("shown", created)
    assert [group.name for group in shown.vertex_groups] == ["top"]
    for vertex in created.vertices:
        weight = vertex.groups[0].weight if len(vertex.groups) else 0.0
        assert weight == pytest.approx(max(0.0, vertex.co.z), abs=0.03)
        assert created.attributes["height"].data[vertex.index].value == pytest.approx(vertex.co.z, abs=0.03)
    parts = [created.attributes["part"].data[face.index].value for face in created.polygons if abs(face.center.x) > 0.2]
    assert parts == [int(face.center.x > 0) for face in created.polygons if abs(face.center.x) > 0.2]


def test_colors_of_corners_stay_colors_of_corners_with_their_sharp_edges(scene):
    target = add_colored_ball(4)
    data = target.data
    corner = data.attributes.new("Corner", "FLOAT_COLOR", "CORNER")
    colors = [[1.0, 0, 0, 1] if face.center.z > 0 else [0, 0, 1.0, 1] for face in data.polygons for _ in range(3)]
    corner.data.foreach_set("color", np.array(colors, np.float32).ravel())
    created = remeshed(data, TRIANGLES, 1000, NO_SCALE)
    layer = created.attributes["Corner"]
    assert (layer.domain, layer.data_type) == ("CORNER", "FLOAT_COLOR")
    found = np.array([item.color[:] for item in layer.data])
    assert np.minimum(np.abs(found), np.abs(found - 1)).max() < 1e-5


def test_faces_are_even_at_the_scale_of_the_object(scene):
    data = add_colored_ball(4).data
    created = remeshed(data, TRIANGLES, 1000, np.array([1.0, 1.0, 4.0]))
    for vertex in created.vertices:
        vertex.co.z *= 4
    created.update()
    assert np.percentile(smallest_angles(created), 1) > 20
    assert max(vertex.co.z for vertex in created.vertices) == pytest.approx(4, abs=0.1)


def test_a_flat_shaded_mesh_stays_flat(scene):
    data = add_colored_ball(3).data
    data.shade_flat()
    assert not any(face.use_smooth for face in remeshed(data, TRIANGLES, 300, NO_SCALE).polygons)


def test_a_turned_face_and_an_inner_wall_do_not_stop_quads(scene):
    bpy.ops.mesh.primitive_cube_add()
    data = bpy.context.object.data
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.subdivide(number_cuts=3)
    bpy.ops.object.mode_set(mode="OBJECT")
    data.polygons[0].flip()
    data.update()
    assert not count_mesh(data).is_closed
    created = remeshed(data, QUADS, 300, NO_SCALE)
    assert count_mesh(created).is_closed


@pytest.mark.parametrize("size", [1e-4, 1e4])
def test_tiny_and_huge_meshes_become_quads(scene, size):
    data = add_colored_ball(4).data
    for vertex in data.vertices:
        vertex.co *= size
    data.update()
    created = remeshed(data, QUADS, 200, NO_SCALE)
    assert len(created.polygons) == pytest.approx(200, rel=0.2)
    assert difference(data, created).distance < 0.02 * size


def test_an_open_surface_becomes_quads(scene):
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=20, y_subdivisions=20)
    created = remeshed(bpy.context.object.data, QUADS, 100, NO_SCALE)
    assert len(created.polygons) == pytest.approx(100, rel=0.3)


@pytest.mark.parametrize(("faces", "most"), [(0, 60), (3, 60)])
def test_a_tiny_budget_gives_the_coarsest_mesh_or_says_why_not(scene, faces, most):
    data = add_colored_ball(3).data
    for kind in (TRIANGLES, QUADS):
        try:
            assert 0 < len(remeshed(data, kind, faces, NO_SCALE).polygons) <= most
        except RemeshError as error:
            assert "try" in str(error)


def test_a_huge_budget_is_limited(scene, monkeypatch):
    monkeypatch.setitem(MAX_FACES, TRIANGLES, 2000)
    data = add_colored_ball(4).data
    assert len(remeshed(data, TRIANGLES, 10**9, NO_SCALE).polygons) == pytest.approx(2000, rel=0.15)


def test_a_mesh_without_area_is_refused(scene):
    data = bpy.data.meshes.new("line")
    data.from_pydata([(0, 0, 0), (1, 0, 0), (2, 0, 0)], [], [(0, 1, 2)])
    with pytest.raises(RemeshError, match="without area"):
        remeshed(data, TRIANGLES, 100, NO_SCALE)


def add_table():
    """Add a plate on four thin legs, as one closed mesh of even faces."""
    bpy.ops.mesh.primitive_cube_add(size=1, scale=(1, 1, 0.1))
    for x, y in ((-0.4, -0.4), (-0.4, 0.4), (0.4, -0.4), (0.4, 0.4)):
        bpy.ops.mesh.primitive_cylinder_add(radius=0.04, depth=0.8, location=(x, y, -0.4))
    bpy.ops.object.select_all(action="SELECT")
    bpy.ops.object.join()
    bpy.ops.object.transform_apply()
    data = bpy.context.object.data
    data.remesh_voxel_size = 0.02
    bpy.ops.object.voxel_remesh()
    return data


@pytest.mark.parametrize(("kind", "faces"), [(TRIANGLES, 700), (QUADS, 1500)])
def test_thin_legs_are_kept(scene, kind, faces):
    data = add_table()
    created = remeshed(data, kind, faces, NO_SCALE)
    assert len(created.polygons) == pytest.approx(faces, rel=0.2)
    feet = [vertex.co for vertex in created.vertices if vertex.co.z < -0.7]
    assert {(foot.x > 0, foot.y > 0) for foot in feet} == {(False, False), (False, True), (True, False), (True, True)}
    assert difference(data, created).distance < 0.01
