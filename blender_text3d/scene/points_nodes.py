# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry nodes that show a mesh without faces as colored spheres, for Blenders without native point clouds."""

from collections.abc import Iterable
from typing import Any, cast

import bpy

from .names import POINTS_NODES

RADIUS = "Radius"
MATERIAL = "Material"


def show_as_points(target: bpy.types.Object, radius: float, material: bpy.types.Material) -> None:
    """Add the modifier that turns the object's vertices into points."""
    modifier: Any = target.modifiers.new(POINTS_NODES, "NODES")
    modifier.node_group = points_nodes()
    set_input(modifier, RADIUS, radius)
    set_input(modifier, MATERIAL, material)


def points_nodes() -> bpy.types.NodeTree:
    """Return the node group of the file, which is created if it is missing."""
    return bpy.data.node_groups.get(POINTS_NODES) or new_points_nodes()


def new_points_nodes() -> bpy.types.NodeTree:
    """Return a new node group: Geometry, Radius, Material → Mesh to Points → Set Material."""
    tree: bpy.types.GeometryNodeTree = cast(Any, bpy.data.node_groups).new(POINTS_NODES, "GeometryNodeTree")
    add_sockets(tree.interface)
    inputs, outputs = tree.nodes.new("NodeGroupInput"), tree.nodes.new("NodeGroupOutput")
    points, material = tree.nodes.new("GeometryNodeMeshToPoints"), tree.nodes.new("GeometryNodeSetMaterial")
    for column, node in enumerate((inputs, points, material, outputs)):
        node.location = (column * 200, 0)
    tree.links.new(inputs.outputs[0], points.inputs["Mesh"])
    tree.links.new(inputs.outputs[RADIUS], points.inputs["Radius"])
    tree.links.new(points.outputs[0], material.inputs["Geometry"])
    tree.links.new(inputs.outputs[MATERIAL], material.inputs["Material"])
    tree.links.new(material.outputs[0], outputs.inputs[0])
    return tree


def add_sockets(interface: Any) -> None:
    """Add the inputs that the modifier shows to the user, and the output."""
    interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    radius: Any = interface.new_socket(RADIUS, in_out="INPUT", socket_type="NodeSocketFloat")
    radius.subtype, radius.min_value = "DISTANCE", 0.0
    interface.new_socket(MATERIAL, in_out="INPUT", socket_type="NodeSocketMaterial")


def points_modifier(target: bpy.types.Object) -> bpy.types.NodesModifier | None:
    """Return the modifier that show_as_points added, or None if the user removed it."""
    modifiers: Iterable[Any] = target.modifiers
    nodes = (modifier for modifier in modifiers if modifier.type == "NODES" and modifier.node_group)
    return next((modifier for modifier in nodes if modifier.node_group.name.split(".")[0] == POINTS_NODES), None)


def identifier_of(modifier: Any, socket_name: str) -> str:
    """Return the internal name of an input."""
    sockets = modifier.node_group.interface.items_tree
    return str(next(item.identifier for item in sockets if item.name == socket_name and item.in_out == "INPUT"))


def get_input(modifier: Any, socket_name: str) -> Any:
    """Return the value of one input. Blender 5.2 moved inputs from custom properties to `properties.inputs`."""
    identifier = identifier_of(modifier, socket_name)
    if hasattr(modifier, "properties"):
        return getattr(modifier.properties.inputs, identifier).value
    return modifier[identifier]


def set_input(modifier: Any, socket_name: str, value: Any) -> None:
    """Set the value of one input."""
    identifier = identifier_of(modifier, socket_name)
    if hasattr(modifier, "properties"):
        getattr(modifier.properties.inputs, identifier).value = value
    else:
        modifier[identifier] = value
    modifier.id_data.update_tag()
