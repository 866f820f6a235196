# SPDX-License-Identifier: GPL-3.0-or-later
"""The node group that shows vertices as points."""

import bpy
import pytest

from blender_text3d.scene.points_nodes import (
    get_input,
    identifier_of,
    points_modifier,
    points_nodes,
    set_input,
    show_as_points,
)


@pytest.fixture
def target(scene):
    data = bpy.data.meshes.new("points")
    data.from_pydata([(0, 0, 0), (1, 0, 0)], [], [])
    target = bpy.data.objects.new("points", data)
    scene.collection.objects.link(target)
    return target


def evaluated_cloud(target):
    """Return the point cloud that the modifier makes of the object."""
    bpy.context.view_layer.update()
    instances = bpy.context.evaluated_depsgraph_get().object_instances
    (cloud,) = [item.object.data for item in instances if item.object.type == "POINTCLOUD"]
    return cloud


def test_the_points_have_the_radius_and_the_material_of_the_modifier(target):
    material = bpy.data.materials.new("red")
    show_as_points(target, 0.25, material)
    cloud = evaluated_cloud(target)
    assert [point.radius for point in cloud.points] == [0.25, 0.25]
    assert [item.name for item in cloud.materials] == ["red"]


def test_the_inputs_can_be_read_and_changed(target):
    show_as_points(target, 0.25, bpy.data.materials.new("red"))
    modifier = points_modifier(target)
    assert (get_input(modifier, "Radius"), get_input(modifier, "Material").name) == (0.25, "red")
    evaluated_cloud(target)
    set_input(modifier, "Radius", 0.5)
    assert get_input(modifier, "Radius") == 0.5
    assert [point.radius for point in evaluated_cloud(target).points] == [0.5, 0.5]


def test_all_clouds_of_a_file_share_one_node_group(scene):
    assert points_nodes() == points_nodes() == bpy.data.node_groups["Text3D Points"]
    assert len(bpy.data.node_groups) == 1


def test_the_modifier_shows_a_radius_in_scene_units_and_a_material(scene):
    sockets = {(item.name, item.in_out): item for item in points_nodes().interface.items_tree}
    assert {key: item.socket_type for key, item in sockets.items()} == {
        ("Geometry", "OUTPUT"): "NodeSocketGeometry",
        ("Geometry", "INPUT"): "NodeSocketGeometry",
        ("Radius", "INPUT"): "NodeSocketFloat",
        ("Material", "INPUT"): "NodeSocketMaterial",
    }
    radius = sockets["Radius", "INPUT"]
    assert (radius.subtype, radius.min_value) == ("DISTANCE", 0.0)


def test_the_nodes_stand_from_left_to_right_without_overlap(scene):
    nodes = sorted(points_nodes().nodes, key=lambda node: node.location[0])
    assert [node.type for node in nodes] == ["GROUP_INPUT", "MESH_TO_POINTS", "SET_MATERIAL", "GROUP_OUTPUT"]
    places = [tuple(node.location) for node in nodes]
    assert places == [(0, 0), (200, 0), (400, 0), (600, 0)]


def test_an_input_is_not_taken_for_the_output_of_the_same_name(target):
    show_as_points(target, 0.25, bpy.data.materials.new("red"))
    sockets = points_nodes().interface.items_tree
    (expected,) = [item.identifier for item in sockets if item.name == "Geometry" and item.in_out == "INPUT"]
    assert identifier_of(points_modifier(target), "Geometry") == expected


def test_the_modifier_is_found_by_its_node_group_among_others(target):
    target.modifiers.new("bevel", "BEVEL")
    target.modifiers.new("empty", "NODES")
    other = target.modifiers.new("other", "NODES")
    other.node_group = bpy.data.node_groups.new("Text3D Other", "GeometryNodeTree")
    assert points_modifier(target) is None
    show_as_points(target, 0.25, bpy.data.materials.new("red"))
    assert points_modifier(target) == target.modifiers["Text3D Points"]
    target.modifiers["Text3D Points"].name = "renamed"
    assert points_modifier(target) == target.modifiers["renamed"]


def test_the_modifier_of_an_appended_copy_of_the_group_is_found(target):
    show_as_points(target, 0.25, bpy.data.materials.new("red"))
    target.modifiers[0].node_group = target.modifiers[0].node_group.copy()
    assert target.modifiers[0].node_group.name == "Text3D Points.001"
    assert points_modifier(target) == target.modifiers[0]
