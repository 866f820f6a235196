# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry nodes that show a mesh without faces as coloured balls, where Blender cannot make a point cloud itself."""

from typing import Any

import bpy

from .names import POINTS_NODES

RADIUS = "Radius"
MATERIAL = "Material"


def show_as_points(target: bpy.types.Object, radius: float, material: bpy.types.Material) -> None:
    """Add the modifier that turns the object's vertices into points."""
    modifier = target.modifiers.new(POINTS_NODES, "NODES")
    modifier.node_group = points_nodes()
    set_input(modifier, RADIUS, radius)
    set_input(modifier, MATERIAL, material)


def points_nodes() -> bpy.types.NodeTree:
    """The node group, one for the whole file."""
    return bpy.data.node_groups.get(POINTS_NODES) or new_points_nodes()


def new_points_nodes() -> bpy.types.NodeTree:
    """Geometry, radius, material → Mesh to Points → Set Material."""
    tree = bpy.data.node_groups.new(POINTS_NODES, "GeometryNodeTree")
    add_sockets(tree.interface)
    inputs, outputs = tree.nodes.new("NodeGroupInput"), tree.nodes.new("NodeGroupOutput")
    points, paint = tree.nodes.new("GeometryNodeMeshToPoints"), tree.nodes.new("GeometryNodeSetMaterial")
    for place, node in enumerate((inputs, points, paint, outputs)):
        node.location = (place * 200, 0)
    tree.links.new(inputs.outputs[0], points.inputs["Mesh"])
    tree.links.new(inputs.outputs[RADIUS], points.inputs["Radius"])
    tree.links.new(points.outputs[0], paint.inputs["Geometry"])
    tree.links.new(inputs.outputs[MATERIAL], paint.inputs["Material"])
    tree.links.new(paint.outputs[0], outputs.inputs[0])
    return tree


def add_sockets(interface: bpy.types.NodeTreeInterface) -> None:
    """What the modifier shows to the user."""
    interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    radius = interface.new_socket(RADIUS, in_out="INPUT", socket_type="NodeSocketFloat")
    radius.subtype, radius.min_value = "DISTANCE", 0.0
    interface.new_socket(MATERIAL, in_out="INPUT", socket_type="NodeSocketMaterial")


def points_modifier(target: bpy.types.Object) -> bpy.types.Modifier | None:
    """The modifier that show_as_points added, if it is still there."""
    nodes = (modifier for modifier in target.modifiers if modifier.type == "NODES" and modifier.node_group)
    return next((modifier for modifier in nodes if modifier.node_group.name.split(".")[0] == POINTS_NODES), None)


def identifier_of(modifier: bpy.types.Modifier, socket_name: str) -> str:
    """What Blender calls the input inside."""
    sockets = modifier.node_group.interface.items_tree
    return next(item.identifier for item in sockets if item.name == socket_name and item.in_out == "INPUT")


def get_input(modifier: bpy.types.Modifier, socket_name: str) -> Any:
    """The value of one input. Blender 5.2 moved inputs from custom properties to `properties.inputs`."""
    identifier = identifier_of(modifier, socket_name)
    if hasattr(modifier, "properties"):
        return getattr(modifier.properties.inputs, identifier).value
    return modifier[identifier]


def set_input(modifier: bpy.types.Modifier, socket_name: str, value: Any) -> None:
    """Change the value of one input."""
    identifier = identifier_of(modifier, socket_name)
    if hasattr(modifier, "properties"):
        getattr(modifier.properties.inputs, identifier).value = value
    else:
        modifier[identifier] = value
    modifier.id_data.update_tag()
