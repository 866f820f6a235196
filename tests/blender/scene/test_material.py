# SPDX-License-Identifier: GPL-3.0-or-later
"""The color attribute, and the material that shows it."""

import bpy
import numpy as np
import pytest

from blender_text3d.scene.colors import DEFAULT_FACE_COLOR, mean_color_linear, store_colors
from blender_text3d.scene.material import assign_color_material, color_material

RED, BLUE = np.array([[1, 0, 0]], np.float32), np.array([[0, 0, 1]], np.float32)


@pytest.fixture
def data(scene):
    data = bpy.data.meshes.new("points")
    data.vertices.add(2)
    return data


def test_colors_are_clipped_to_bytes_and_opaque(data):
    store_colors(data, np.array([[0.5, 2.0, -1.0], [0.2, 0.4, 0.6]], np.float32))
    attribute = data.attributes["Color"]
    assert (attribute.data_type, attribute.domain) == ("BYTE_COLOR", "POINT")
    stored = [np.rint(np.array(item.color_srgb) * 255).tolist() for item in attribute.data]
    assert stored == [[128, 255, 0, 255], [51, 102, 153, 255]]


def test_the_colors_become_the_active_and_the_render_attribute_among_others(data):
    for name in ("first", "second"):
        data.color_attributes.new(name, "FLOAT_COLOR", "POINT")
    data.color_attributes.active_color_index = data.color_attributes.render_color_index = 1
    store_colors(data, np.repeat(RED, 2, axis=0))
    store_colors(data, np.repeat(BLUE, 2, axis=0))
    assert {item.name for item in data.color_attributes} == {"first", "second", "Color"}
    assert data.color_attributes.active_color.name == "Color"
    assert data.color_attributes[data.color_attributes.render_color_index].name == "Color"
    assert tuple(data.attributes["Color"].data[0].color_srgb) == (0, 0, 1, 1)


def test_the_mean_color_is_that_of_clipped_colors_in_linear_light():
    colors = np.array([[3, 0, 0.5], [-1, 1, 0.5]], np.float32)
    assert mean_color_linear(colors) == pytest.approx((0.5, 0.5, 0.2140411, 1.0))
    assert {type(part) for part in mean_color_linear(colors)} == {float}


def test_a_face_without_a_color_of_its_own_is_light_gray():
    assert DEFAULT_FACE_COLOR == (0.8, 0.8, 0.8)


def test_the_material_is_matte_and_its_nodes_stand_side_by_side(scene):
    material = color_material(RED)
    assert material.name == "Text3D Color"
    assert tuple(material.diffuse_color) == (1, 0, 0, 1)
    nodes = {node.type: node for node in material.node_tree.nodes}
    assert nodes.keys() == {"ATTRIBUTE", "BSDF_PRINCIPLED", "OUTPUT_MATERIAL"}
    assert nodes["ATTRIBUTE"].attribute_name == "Color"
    assert nodes["BSDF_PRINCIPLED"].inputs["Roughness"].default_value == pytest.approx(0.6)
    assert [tuple(node.location) for node in nodes.values()] == [(-220, 0), (0, 0), (300, 0)]
    links = [(link.from_node.type, link.from_socket.name, link.to_node.type, link.to_socket.name)
             for link in material.node_tree.links]  # fmt: skip
    assert sorted(links) == [
        ("ATTRIBUTE", "Color", "BSDF_PRINCIPLED", "Base Color"),
        ("BSDF_PRINCIPLED", "BSDF", "OUTPUT_MATERIAL", "Surface"),
    ]


def test_data_without_a_material_gets_one_and_the_next_preview_only_updates_its_mean_color(data):
    assign_color_material(data, RED)
    (material,) = data.materials
    assert tuple(material.diffuse_color) == (1, 0, 0, 1)
    assign_color_material(data, BLUE)
    assert list(data.materials) == [material]
    assert tuple(material.diffuse_color) == (0, 0, 1, 1)
    assert len(bpy.data.materials) == 1


def test_a_material_that_the_user_deleted_is_made_again_in_its_slot(data):
    assign_color_material(data, RED)
    bpy.data.materials.remove(data.materials[0])
    assign_color_material(data, BLUE)
    assert [tuple(material.diffuse_color) for material in data.materials] == [(0, 0, 1, 1)]
