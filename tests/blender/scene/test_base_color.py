# SPDX-License-Identifier: GPL-3.0-or-later
"""Base colors read from materials, and what is told where nodes say more than a color."""

import math

import bpy
import pytest

from blender_text3d.scene.base_color import MAX_COLORS, base_color


class Nodes:
    """A material whose surface is a shader of this kind."""

    def __init__(self, shader="ShaderNodeBsdfPrincipled", socket="Base Color"):
        self.material = bpy.data.materials.new("Material")
        if self.material.node_tree is None:
            self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()
        self.shader, output = self.add(shader), self.add("ShaderNodeOutputMaterial")
        self.link(self.shader.outputs[0], output.inputs["Surface"])
        self.output, self.color = output, self.shader.inputs[socket]

    def add(self, kind, **values):
        node = self.tree.nodes.new(kind)
        for name, value in values.items():
            setattr(node, name, value)
        return node

    def link(self, start, end):
        self.tree.links.new(start, end)

    def feed(self, kind, output=0, **values):
        node = self.add(kind, **values)
        self.link(node.outputs[output], self.color)
        return node

    @property
    def read(self):
        return base_color(self.material)


@pytest.fixture
def image(scene):
    return bpy.data.images.new("Wood", 4, 4)


@pytest.mark.parametrize(
    ("shader", "socket"),
    [
        ("ShaderNodeBsdfPrincipled", "Base Color"),
        ("ShaderNodeBsdfDiffuse", "Color"),
        ("ShaderNodeEmission", "Color"),
        ("ShaderNodeBsdfGlass", "Color"),
    ],
)
def test_the_color_of_a_shader_is_read(scene, shader, socket):
    nodes = Nodes(shader, socket)
    nodes.color.default_value = (0.1, 0.2, 0.3, 1)
    assert nodes.read.color == pytest.approx((0.1, 0.2, 0.3))
    assert not nodes.read.is_simplified


def test_an_image_is_read_with_its_uv_map_and_mapping(image):
    nodes = Nodes()
    texture = nodes.feed("ShaderNodeTexImage", image=image)
    assert (nodes.read.image, nodes.read.uv_map, nodes.read.is_simplified) == (image, "", False)
    mapping, uv_map = nodes.add("ShaderNodeMapping"), nodes.add("ShaderNodeUVMap", uv_map="Second")
    nodes.link(uv_map.outputs[0], mapping.inputs["Vector"])
    nodes.link(mapping.outputs[0], texture.inputs["Vector"])
    mapping.inputs["Location"].default_value = (0.5, 0.25, 0)
    mapping.inputs["Scale"].default_value = (2, 3, 1)
    mapping.inputs["Rotation"].default_value = (0, 0, math.pi / 2)
    assert nodes.read.uv_map == "Second"
    assert nodes.read.uv_transform == pytest.approx((0, -3, 0.5, 2, 0, 0.25), abs=1e-6)
    assert not nodes.read.is_simplified


def test_generated_coordinates_count_as_simplified(image):
    nodes = Nodes()
    texture = nodes.feed("ShaderNodeTexImage", image=image)
    nodes.link(nodes.add("ShaderNodeTexCoord").outputs["Generated"], texture.inputs["Vector"])
    assert nodes.read.image == image
    assert nodes.read.is_simplified


@pytest.mark.parametrize(
    ("kind", "field"), [("ShaderNodeVertexColor", "layer_name"), ("ShaderNodeAttribute", "attribute_name")]
)
def test_a_color_attribute_is_read(scene, kind, field):
    nodes = Nodes()
    nodes.feed(kind, **{field: "Paint"})
    assert (nodes.read.attribute, nodes.read.color, nodes.read.is_simplified) == ("Paint", (1, 1, 1), False)


def mixed(nodes, blend_type, factor, first, second):
    mix = nodes.add("ShaderNodeMix", data_type="RGBA", blend_type=blend_type)
    nodes.link(mix.outputs[2], nodes.color)
    mix.inputs[0].default_value = factor
    for socket, value in ((mix.inputs[6], first), (mix.inputs[7], second)):
        if isinstance(value, tuple):
            socket.default_value = value
        else:
            nodes.link(value.outputs[0], socket)


def test_a_product_of_an_image_and_a_color_is_read(image):
    nodes = Nodes()
    mixed(nodes, "MULTIPLY", 1.0, nodes.add("ShaderNodeTexImage", image=image), (0.5, 1, 1, 1))
    assert (nodes.read.image, nodes.read.color, nodes.read.is_simplified) == (image, (0.5, 1, 1), False)


def test_a_mix_of_two_colors_is_read(scene):
    nodes = Nodes()
    mixed(nodes, "MIX", 0.25, (0, 0, 0, 1), (1, 0.4, 0, 1))
    assert nodes.read.color == pytest.approx((0.25, 0.1, 0))
    assert not nodes.read.is_simplified


def test_a_mix_with_an_image_is_simplified_to_the_stronger_one(image):
    nodes = Nodes()
    mixed(nodes, "MIX", 0.8, (0, 0, 0, 1), nodes.add("ShaderNodeTexImage", image=image))
    assert nodes.read.image == image
    assert nodes.read.is_simplified


def test_a_chain_of_mixes_with_two_links_each_takes_few_reads(scene, monkeypatch):
    nodes, reads = Nodes(), []
    monkeypatch.setattr("blender_text3d.scene.base_color.rgb_of", lambda socket: reads.append(socket) or (1, 1, 1))
    ends = [nodes.color]
    for _ in range(12):
        mix = nodes.add("ShaderNodeMix", data_type="RGBA")
        for end in ends:
            nodes.link(mix.outputs[2], end)
        ends = mix.inputs[6:8]
    assert nodes.read.is_simplified
    assert 0 < len(reads) <= MAX_COLORS


@pytest.mark.parametrize("kind", ["ShaderNodeTexNoise", "ShaderNodeTexChecker", "ShaderNodeObjectInfo"])
def test_a_procedural_texture_is_simplified_to_the_viewport_color(scene, kind):
    nodes = Nodes()
    nodes.feed(kind)
    nodes.material.diffuse_color = (0.9, 0.5, 0.1, 1)
    assert nodes.read.color == pytest.approx((0.9, 0.5, 0.1))
    assert nodes.read.is_simplified


def test_a_transparent_side_of_a_mix_does_not_count(scene):
    nodes = Nodes()
    nodes.color.default_value = (1, 0, 0, 1)
    mix, clear = nodes.add("ShaderNodeMixShader"), nodes.add("ShaderNodeBsdfTransparent")
    nodes.link(clear.outputs[0], mix.inputs[1])
    nodes.link(nodes.shader.outputs[0], mix.inputs[2])
    nodes.link(mix.outputs[0], nodes.output.inputs["Surface"])
    assert nodes.read.color == (1, 0, 0)
    assert not nodes.read.is_simplified


@pytest.mark.parametrize("socket", ["Alpha", "Fac"])
def test_a_material_that_is_transparent_in_places_is_simplified_and_a_constant_share_is_not(scene, socket):
    nodes = Nodes()
    target = nodes.shader
    if socket == "Fac":
        target, clear = nodes.add("ShaderNodeMixShader"), nodes.add("ShaderNodeBsdfTransparent")
        nodes.link(clear.outputs[0], target.inputs[1])
        nodes.link(nodes.shader.outputs[0], target.inputs[2])
        nodes.link(target.outputs[0], nodes.output.inputs["Surface"])
    target.inputs[socket].default_value = 0.3
    assert not nodes.read.is_simplified
    nodes.link(nodes.add("ShaderNodeTexNoise").outputs[0], target.inputs[socket])
    assert nodes.read.is_simplified


def test_reroutes_and_groups_are_followed_in_and_out(scene):
    nodes = Nodes()
    group = bpy.data.node_groups.new("Tint", "ShaderNodeTree")
    group.interface.new_socket("Color", in_out="INPUT", socket_type="NodeSocketColor")
    group.interface.new_socket("Color", in_out="OUTPUT", socket_type="NodeSocketColor")
    inner, outer = group.nodes.new("NodeGroupInput"), group.nodes.new("NodeGroupOutput")
    group.links.new(inner.outputs[0], outer.inputs[0])
    node, reroute = nodes.add("ShaderNodeGroup", node_tree=group), nodes.add("NodeReroute")
    node.inputs[0].default_value = (0.2, 0.4, 0.6, 1)
    nodes.link(node.outputs[0], reroute.inputs[0])
    nodes.link(reroute.outputs[0], nodes.color)
    assert nodes.read.color == pytest.approx((0.2, 0.4, 0.6))


def test_a_long_chain_of_nodes_ends_in_a_color(scene):
    nodes = Nodes()
    last = nodes.color
    for _ in range(60):
        node = nodes.add("ShaderNodeHueSaturation")
        nodes.link(node.outputs[0], last)
        last = node.inputs["Color"]
    assert nodes.read.is_simplified


def test_a_material_without_an_output_has_its_viewport_color(scene):
    nodes = Nodes()
    nodes.tree.nodes.clear()
    nodes.material.diffuse_color = (0.3, 0.2, 0.1, 1)
    assert nodes.read.color == pytest.approx((0.3, 0.2, 0.1))
