# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry nodes that show one object of a collection in place of an object's own geometry.

Plain nodes: an animated step plays and renders in any Blender, with or without the add-on.
"""

from collections.abc import Iterable
from typing import Any, cast

import bpy

from .names import STEPS_NODES

COLLECTION, STEP = "Steps", "Step"
NODES = (
    "NodeGroupInput",
    "GeometryNodeCollectionInfo",
    "GeometryNodeDeleteGeometry",
    "GeometryNodeRealizeInstances",
    "GeometryNodeSwitch",
    "NodeGroupOutput",
)


def steps_nodes(count: int) -> bpy.types.NodeTree:
    """Return the node group for so many steps, which is created if the file has none."""
    name = f"{STEPS_NODES} {count}"
    tree = bpy.data.node_groups.get((name, None))
    return tree if tree is not None and count_of(tree) == count else new_steps_nodes(name, count)


def count_of(tree: Any) -> int:
    """Return the number of steps of a node group; 0 if it is another one."""
    sockets: Iterable[Any] = tree.interface.items_tree if tree.type == "GEOMETRY" else ()
    inputs = {item.name: item for item in sockets if item.item_type == "SOCKET" and item.in_out == "INPUT"}
    is_own = COLLECTION in inputs and STEP in inputs and tree.name.startswith(STEPS_NODES)
    return int(getattr(inputs[STEP], "max_value", 0)) if is_own else 0


def new_steps_nodes(name: str, count: int) -> bpy.types.NodeTree:
    """Return a new node group: Geometry, Steps, Step → the instance of that step, or Geometry at the last one.

    Collection Info sorts by name.
    """
    tree: bpy.types.GeometryNodeTree = cast(Any, bpy.data.node_groups).new(name, "GeometryNodeTree")
    add_sockets(tree.interface, count)
    nodes: list[Any] = [tree.nodes.new(kind) for kind in NODES]
    for column, node in enumerate(nodes):
        node.location = (column * 200, 0)
    given, info, deleted, realized, switch, result = nodes
    info.inputs["Separate Children"].default_value = info.inputs["Reset Children"].default_value = True
    deleted.domain, switch.input_type = "INSTANCE", "GEOMETRY"
    link = tree.links.new
    link(given.outputs[COLLECTION], info.inputs["Collection"])
    link(info.outputs[0], deleted.inputs["Geometry"])
    link(other_steps(tree, given.outputs[STEP]), deleted.inputs["Selection"])
    link(deleted.outputs[0], realized.inputs[0])
    link(compared(tree, "GREATER_EQUAL", given.outputs[STEP], count), switch.inputs["Switch"])
    link(realized.outputs[0], switch.inputs["False"])
    link(given.outputs["Geometry"], switch.inputs["True"])
    link(switch.outputs[0], result.inputs[0])
    return tree


def add_sockets(interface: Any, count: int) -> None:
    """Add the inputs that the modifier shows to the user, and the output."""
    interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    interface.new_socket(COLLECTION, in_out="INPUT", socket_type="NodeSocketCollection")
    step: Any = interface.new_socket(STEP, in_out="INPUT", socket_type="NodeSocketInt")
    step.min_value, step.max_value, step.default_value = 1, count, count


def other_steps(tree: Any, step: Any) -> Any:
    """Return the selection of all instances but that of the step: their index counts from 0."""
    index, one_less = tree.nodes.new("GeometryNodeInputIndex"), tree.nodes.new("ShaderNodeMath")
    index.location, one_less.location = (0, -200), (0, -300)
    one_less.operation, one_less.inputs[1].default_value = "SUBTRACT", 1.0
    tree.links.new(step, one_less.inputs[0])
    return compared(tree, "NOT_EQUAL", index.outputs[0], one_less.outputs[0])


def compared(tree: Any, operation: str, first: Any, second: Any) -> Any:
    """Return the result of comparing whole numbers; the second is a number or an output."""
    node = tree.nodes.new("FunctionNodeCompare")
    node.location = (200, -200 - 150 * len(operation))
    node.data_type, node.operation = "INT", operation
    inputs = [item for item in node.inputs if item.type == "INT"]
    tree.links.new(first, inputs[0])
    if isinstance(second, int):
        inputs[1].default_value = second
    else:
        tree.links.new(second, inputs[1])
    return node.outputs[0]
