# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials rewritten for measuring: they emit their base color without light, or the depth and angle of the surface.

The nodes of a material are changed for good, so this belongs into a Blender of its own.
"""

from typing import Any, cast

import bpy

from ..geometry.object_cameras import LIGHT_DIRECTION
from .colors import DEFAULT_FACE_COLOR
from .shader_looks import Look, ShaderReader, is_socket, put

MIN_OPACITY = 0.5
"""Surfaces of less opacity are left out, as around cut-out leaves; all others are solid."""
GROUP_NAME = "Measured Surface"
PASS_NODE = "Pass"


def make_unlit(material: bpy.types.Material, reader: ShaderReader, measured: Any) -> None:
    """Rewrite a material, so that it emits its base color or, in the other pass, what `measured` gives."""
    red, green, blue, _ = material.diffuse_color
    color = red, green, blue, 1.0
    tree = node_tree(material)
    old = next(filter(None, (tree.get_output_node(target) for target in ("CYCLES", "ALL", "EEVEE"))), None)
    look = reader.look(tree, old.inputs["Surface"], color) if old else Look(color, 1.0)
    for node in [node for node in tree.nodes if node.type == "OUTPUT_MATERIAL"]:
        tree.nodes.remove(node)
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(surface(tree, look, measured), output.inputs["Surface"])
    cast(Any, material).cycles.emission_sampling = "NONE"  # else each face becomes a lamp


def node_tree(material: bpy.types.Material) -> Any:
    """Return the nodes of a material; one without nodes gets an empty tree."""
    if bpy.app.version < (5, 0) and not material.use_nodes:
        material.use_nodes = True
        cast(Any, material.node_tree).nodes.clear()
    return material.node_tree


def surface(tree: Any, look: Look, measured: Any) -> Any:
    """Return the shader output of nodes that emit a look where it is opaque, and nothing elsewhere."""
    group = tree.nodes.new("ShaderNodeGroup")
    group.node_tree = measured
    put(tree, look.color, group.inputs["Color"])
    emission = tree.nodes.new("ShaderNodeEmission")
    tree.links.new(group.outputs["Color"], emission.inputs["Color"])
    nothing = tree.nodes.new("ShaderNodeBsdfTransparent").outputs[0]
    if not is_socket(look.opacity):
        return emission.outputs[0] if look.opacity >= MIN_OPACITY else nothing
    is_solid = tree.nodes.new("ShaderNodeMath")
    is_solid.operation = "GREATER_THAN"
    put(tree, look.opacity, is_solid.inputs[0])
    is_solid.inputs[1].default_value = MIN_OPACITY
    mix = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(is_solid.outputs[0], mix.inputs[0])
    tree.links.new(nothing, mix.inputs[1])
    tree.links.new(emission.outputs[0], mix.inputs[2])
    return mix.outputs[0]


def measured_surface() -> Any:
    """Return a new node group: its color in the first pass; in the second one depth, angle to the light, and 1.

    The depth is that along the camera's axis, the angle the absolute cosine, of the face and not of a smooth normal.
    """
    tree: Any = bpy.data.node_groups.new(GROUP_NAME, cast(Any, "ShaderNodeTree"))
    for in_out in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Color", in_out=in_out, socket_type="NodeSocketColor")
    camera, geometry = tree.nodes.new("ShaderNodeCameraData"), tree.nodes.new("ShaderNodeNewGeometry")
    cosine, size = tree.nodes.new("ShaderNodeVectorMath"), tree.nodes.new("ShaderNodeMath")
    cosine.operation, cosine.inputs[1].default_value = "DOT_PRODUCT", LIGHT_DIRECTION
    size.operation = "ABSOLUTE"
    tree.links.new(geometry.outputs["True Normal"], cosine.inputs[0])
    tree.links.new(cosine.outputs["Value"], size.inputs[0])
    measured = tree.nodes.new("ShaderNodeCombineColor")
    tree.links.new(camera.outputs["View Z Depth"], measured.inputs[0])
    tree.links.new(size.outputs[0], measured.inputs[1])
    measured.inputs[2].default_value = 1.0
    switch, which = tree.nodes.new("ShaderNodeMix"), tree.nodes.new("ShaderNodeValue")
    switch.data_type, which.name = "RGBA", PASS_NODE
    tree.links.new(which.outputs[0], switch.inputs[0])
    tree.links.new(tree.nodes.new("NodeGroupInput").outputs[0], switch.inputs[6])
    tree.links.new(measured.outputs[0], switch.inputs[7])
    tree.links.new(switch.outputs[2], tree.nodes.new("NodeGroupOutput").inputs[0])
    return tree


def set_pass(measured: Any, *, is_color: bool) -> None:
    """Let all rewritten materials emit their color, or depth and angle."""
    measured.nodes[PASS_NODE].outputs[0].default_value = 0.0 if is_color else 1.0


def default_material(attribute: str) -> bpy.types.Material:
    """Return a new material for faces without one: a color attribute's colors or, without a name, Blender's gray."""
    material = bpy.data.materials.new("Default")
    tree = node_tree(material)
    tree.nodes.clear()
    emission, output = tree.nodes.new("ShaderNodeEmission"), tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(emission.outputs[0], output.inputs["Surface"])
    emission.inputs["Color"].default_value = (*DEFAULT_FACE_COLOR, 1.0)
    if attribute:
        colors = tree.nodes.new("ShaderNodeVertexColor")
        colors.layer_name = attribute
        tree.links.new(colors.outputs["Color"], emission.inputs["Color"])
    return material
