# SPDX-License-Identifier: GPL-3.0-or-later
"""Appearance of a result: colors within one 8-bit step, shading, points."""

import bpy
import numpy as np
import pytest

from blender_text3d.scene.colors import mean_color_linear
from blender_text3d.scene.importer import Result, import_result
from blender_text3d.scene.point_cloud import (
    has_native_clouds,
    new_cloud_object,
    new_vertex_cloud,
    radius_of,
    set_radius,
)


@pytest.fixture
def solid(scene, mesh):
    result = Result("job-1", "a red chair", {}, mesh, None, 1.0, (0, 0, 0))
    return import_result(result, scene)[0]


def colors_of(target):
    attribute = target.data.attributes["Color"]
    rgba = np.empty(len(attribute.data) * 4, np.float32)
    attribute.data.foreach_get("color_srgb", rgba)
    return rgba.reshape(-1, 4)[:, :3]


def test_mesh_colors_are_exact_to_one_step_of_eight_bits(solid, mesh):
    assert np.abs(colors_of(solid) - mesh.colors).max() * 255 <= 1.0


def test_cloud_colors_are_exact_to_one_step_of_eight_bits(scene, cloud):
    target = new_cloud_object("points", cloud.points, cloud.colors)
    assert np.abs(colors_of(target) - cloud.colors).max() * 255 <= 1.0


def test_solid_view_and_renders_show_the_color_attribute(solid):
    assert solid.data.color_attributes.active_color_name == "Color"
    assert solid.data.color_attributes[solid.data.color_attributes.render_color_index].name == "Color"


def test_the_material_reads_the_color_attribute(solid):
    (material,) = solid.data.materials
    by_type = {node.type: node for node in material.node_tree.nodes}
    assert by_type["ATTRIBUTE"].attribute_name == "Color"
    (link,) = by_type["BSDF_PRINCIPLED"].inputs["Base Color"].links
    assert link.from_node == by_type["ATTRIBUTE"]
    assert by_type["OUTPUT_MATERIAL"].inputs["Surface"].is_linked


def test_solid_view_in_material_mode_shows_the_mean_color(solid, mesh):
    np.testing.assert_allclose(solid.data.materials[0].diffuse_color, mean_color_linear(mesh.colors), rtol=1e-5)


def test_the_mean_color_is_computed_in_linear_light():
    half_white = mean_color_linear(np.array([[0, 0, 0], [1, 1, 1]], np.float32))
    assert half_white == pytest.approx((0.5, 0.5, 0.5, 1.0))


def test_a_sphere_is_shaded_smooth(solid):
    assert all(face.use_smooth for face in solid.data.polygons)
    edge_is_sharp = solid.data.attributes.get("sharp_edge")
    assert edge_is_sharp is None or not any(edge.value for edge in edge_is_sharp.data)


def test_the_edges_of_a_box_stay_sharp(scene):
    from blender_text3d.geometry import Mesh

    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.object.data
    cube.calc_loop_triangles()
    corners = np.array([corner.co for corner in cube.vertices], np.float32)
    faces = np.array([triangle.vertices for triangle in cube.loop_triangles], np.int32)
    box = Mesh(corners, faces, np.ones_like(corners))
    (target,) = import_result(Result("job-2", "a box", {}, box, None, 1.0, (0, 0, 0)), scene)
    assert sum(edge.value for edge in target.data.attributes["sharp_edge"].data) == 12


def test_degenerate_faces_are_dropped(scene, mesh):
    from blender_text3d.geometry import Mesh

    broken = Mesh(mesh.vertices, np.concatenate([mesh.faces, [[3, 3, 4]]]).astype(np.int32), mesh.colors)
    (target,) = import_result(Result("job-3", "x", {}, broken, None, 1.0, (0, 0, 0)), scene)
    assert not target.data.validate()
    assert all(len(set(face.vertices)) == 3 for face in target.data.polygons)


def test_a_cloud_is_a_native_point_cloud_if_blender_can_create_one(scene, cloud):
    target = new_cloud_object("points", cloud.points, cloud.colors)
    assert target.type == ("POINTCLOUD" if has_native_clouds() else "MESH")
    assert has_native_clouds() == (bpy.app.version >= (5, 2, 0))


@pytest.mark.parametrize("make", [new_cloud_object, lambda *arguments: new_vertex_cloud(*arguments, 0.5)])
def test_the_radius_of_a_cloud_can_be_read_and_changed(scene, cloud, make):
    target = make("points", cloud.points, cloud.colors)
    scene.collection.objects.link(target)
    assert radius_of(target) > 0
    set_radius(target, 0.25)
    assert radius_of(target) == pytest.approx(0.25)


def test_the_modifier_creates_one_colored_point_for_every_vertex(scene, cloud):
    target = new_vertex_cloud("points", cloud.points, cloud.colors, 0.125)
    scene.collection.objects.link(target)
    bpy.context.view_layer.update()
    modifier = target.modifiers[0]
    assert modifier.node_group.name == "Text3D Points"
    shown = [instance.object for instance in bpy.context.evaluated_depsgraph_get().object_instances]
    clouds = [item.data for item in shown if item.type == "POINTCLOUD"]
    assert [len(data.points) for data in clouds] == [len(cloud.points)]
    assert clouds[0].points[0].radius == pytest.approx(0.125)
    assert "Color" in clouds[0].attributes
    assert [material.name for material in target.data.materials] == ["points"]


def test_an_object_that_is_not_a_cloud_has_no_radius(solid):
    assert radius_of(solid) is None
