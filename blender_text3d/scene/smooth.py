# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing by a modifier that keeps the volume and can be changed at any time.

Blender's Smooth modifier shrinks the mesh, and Laplacian Smooth takes seconds. These geometry nodes blur the positions
twice, S = B P and B S, and show 2 S - B S: what the blur takes from large shapes is given back, that of noise is not.

Source: J. W. Tukey, Exploratory Data Analysis (1977), "twicing".
"""

from collections.abc import Iterable
from typing import Any, cast

import bpy

from .names import SMOOTH_NODES
from .points_nodes import get_input, set_input

ITERATIONS, STRENGTH = "Iterations", "Strength"


def set_smooth(target: bpy.types.Object, iterations: int, strength: float) -> None:
    """Smooth an object by the modifier, which is added, changed, or removed if there is nothing to smooth.

    Args:
        target: A mesh object.
        iterations: Rings of neighbors that a vertex is blurred with.
        strength: Weight of each neighbor, 0 to 1.
    """
    modifier = smooth_modifier(target)
    if not iterations or not strength:
        if modifier is not None:
            target.modifiers.remove(modifier)
    elif modifier is None:
        add_smooth(target, iterations, strength)
    else:
        set_input(modifier, ITERATIONS, iterations)
        set_input(modifier, STRENGTH, strength)


def add_smooth(target: bpy.types.Object, iterations: int, strength: float) -> None:
    """Add the modifier before all others, so that Decimate gets the smooth mesh."""
    modifier: Any = target.modifiers.new("Smooth", "NODES")
    modifier.node_group = smooth_nodes()
    set_input(modifier, ITERATIONS, iterations)
    set_input(modifier, STRENGTH, strength)
    target.modifiers.move(len(target.modifiers) - 1, 0)


def smooth_modifier(target: bpy.types.Object) -> Any:
    """Return the modifier that smooths an object, or None."""
    modifiers: Iterable[Any] = target.modifiers
    nodes = (modifier for modifier in modifiers if modifier.type == "NODES" and modifier.node_group)
    return next((modifier for modifier in nodes if modifier.node_group.name.split(".")[0] == SMOOTH_NODES), None)


def smooth_values(modifier: Any) -> tuple[int, float]:
    """Return the iterations and the strength of the modifier."""
    return int(get_input(modifier, ITERATIONS)), float(get_input(modifier, STRENGTH))


def smooth_nodes() -> bpy.types.NodeTree:
    """Return the node group of the file, which is created if it is missing or linked."""
    return bpy.data.node_groups.get((SMOOTH_NODES, None)) or new_smooth_nodes()


def new_smooth_nodes() -> bpy.types.NodeTree:
    """Return a new node group: Position → Blur → Blur → 2 first - second → Set Position."""
    tree: bpy.types.GeometryNodeTree = cast(Any, bpy.data.node_groups).new(SMOOTH_NODES, "GeometryNodeTree")
    add_sockets(tree.interface)
    new, link = tree.nodes.new, tree.links.new
    inputs, outputs, position = new("NodeGroupInput"), new("NodeGroupOutput"), new("GeometryNodeInputPosition")
    first, second = (blur_node(tree, inputs) for _ in range(2))
    change, sum_ = (new("ShaderNodeVectorMath") for _ in range(2))
    cast(Any, change).operation, cast(Any, sum_).operation = "SUBTRACT", "ADD"
    moved = new("GeometryNodeSetPosition")
    link(position.outputs[0], value_socket(first.inputs))
    link(value_socket(first.outputs), value_socket(second.inputs))
    link(value_socket(first.outputs), change.inputs[0])
    link(value_socket(second.outputs), change.inputs[1])
    link(value_socket(first.outputs), sum_.inputs[0])
    link(change.outputs[0], sum_.inputs[1])
    link(inputs.outputs[0], moved.inputs["Geometry"])
    link(sum_.outputs[0], moved.inputs["Position"])
    link(moved.outputs[0], outputs.inputs[0])
    for column, node in enumerate((inputs, position, first, second, change, sum_, moved, outputs)):
        node.location = (column * 200, 0)
    return tree


def add_sockets(interface: Any) -> None:
    """Add the inputs that the modifier shows to the user, and the output."""
    interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    iterations: Any = interface.new_socket(ITERATIONS, in_out="INPUT", socket_type="NodeSocketInt")
    iterations.min_value, iterations.max_value, iterations.default_value = 0, 100, 4
    strength: Any = interface.new_socket(STRENGTH, in_out="INPUT", socket_type="NodeSocketFloat")
    strength.subtype, strength.min_value, strength.max_value, strength.default_value = "FACTOR", 0.0, 1.0, 0.5


def blur_node(tree: bpy.types.NodeTree, inputs: bpy.types.Node) -> bpy.types.Node:
    """Return a node that blurs vectors with the inputs of the group."""
    node: Any = tree.nodes.new("GeometryNodeBlurAttribute")
    node.data_type = "FLOAT_VECTOR"
    tree.links.new(inputs.outputs[ITERATIONS], node.inputs["Iterations"])
    tree.links.new(inputs.outputs[STRENGTH], node.inputs["Weight"])
    return cast(bpy.types.Node, node)


def value_socket(sockets: Any) -> Any:
    """Return the vector among the sockets "Value", of which there is one for each type."""
    return next(socket for socket in sockets if socket.name == "Value" and socket.type == "VECTOR")
