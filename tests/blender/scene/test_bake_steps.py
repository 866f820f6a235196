# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of Bake to Texture, each by itself on a mesh of few faces."""

import math

import bpy
import numpy as np
import pytest

from blender_text3d.scene.bake import (
    BakeError,
    assign_texture,
    bake_texture,
    check_can_bake,
    color_nodes,
    color_texture,
    corner_colors,
    new_image,
    own_material,
    slots_to_bake,
)
from blender_text3d.scene.material import color_material
from blender_text3d.scene.mesh import fill_mesh
from blender_text3d.scene.texture_fill import Canvas, dilate, paint_triangles
from blender_text3d.scene.uv_unwrap import UnwrapError, unwrap

GREEN = np.array([[0, 1, 0]], np.float32)
SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
FACES = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def new_object(scene, corners=SQUARE, faces=FACES, name="square"):
    """Return a green object with a material that reads its colors."""
    data = bpy.data.meshes.new(name)
    colors = np.repeat(GREEN, len(corners), axis=0)
    fill_mesh(data, np.asarray(corners, np.float32), np.asarray(faces, np.int32), colors)
    data.materials.append(color_material(colors))
    target = bpy.data.objects.new(name, data)
    scene.collection.objects.link(target)
    bpy.context.view_layer.update()
    return target


def uvs_of(data):
    values = np.empty(len(data.loops) * 2, np.float32)
    data.uv_layers.active.uv.foreach_get("vector", values)
    return values.reshape(-1, 2)


def set_uvs(data, uvs):
    data.uv_layers.new(name="custom").uv.foreach_set("vector", np.array(uvs, np.float32).ravel())


@pytest.mark.parametrize(("side", "margin"), [(64, 1), (512, 4), (513, 5)])
def test_the_margin_of_an_island_is_so_many_pixels_wide(scene, side, margin):
    data = new_object(scene).data
    low, high = 16.5 / side, 31.5 / side
    set_uvs(data, [(low, low), (high, low), (high, high), (low, low), (high, high), (low, high)])
    corners, colors = uvs_of(data).reshape(2, 3, 2), np.ones((2, 3, 3), np.float32)
    canvas = Canvas(side, np.zeros((side * side, 4), np.uint8), np.zeros(side * side, bool))
    paint_triangles(canvas, corners * np.float32(side), colors)
    dilate(canvas, margin)
    expected = np.zeros((side, side), bool)
    expected[16 - margin : 32 + margin, 16 - margin : 32 + margin] = True
    np.testing.assert_array_equal(canvas.is_painted.reshape(side, side), expected)
    texture = color_texture(data, side, margin)
    assert texture.shape == (side, side, 4)
    assert (texture[expected] == (0, 255, 0, 255)).all()


def test_the_first_row_of_a_texture_is_the_bottom(scene):
    data = new_object(scene).data
    for vertex, item in enumerate(data.attributes["Color"].data):
        item.color = (1, 0, 0, 1) if vertex in (2, 3) else (0, 1, 0, 1)
    set_uvs(data, [(0, 0), (1, 0), (1, 1), (0, 0), (1, 1), (0, 1)])
    texture = color_texture(data, 64)
    assert texture[0, 32, 1] > 250 > 25 > texture[0, 32, 0]
    assert texture[63, 32, 0] > 250 > 25 > texture[63, 32, 1]


def test_the_image_has_the_texels_of_the_texture(scene):
    texels = np.random.default_rng(0).integers(0, 256, (4, 4, 4), np.uint8)
    texels[..., 3] = 255
    image = new_image("chair", texels)
    pixels = np.empty(64, np.float32)
    image.pixels.foreach_get(pixels)
    np.testing.assert_array_equal(np.rint(pixels * 255), texels.ravel())
    assert (image.name, tuple(image.size), image.is_float) == ("chair", (4, 4), False)
    assert image.packed_file


def folded(angle_deg):
    """Return the corners of two squares that meet at the Y axis at an angle."""
    turn = math.radians(angle_deg)
    right = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
    left = [(-math.cos(turn), 0, math.sin(turn)), (-math.cos(turn), 1, math.sin(turn))]
    return [*right, *left], [(0, 1, 2), (0, 2, 3), (0, 3, 5), (0, 5, 4)]


def islands(data):
    """Return the UVs of the right and the left square."""
    uvs = uvs_of(data)
    return uvs[:6], uvs[6:]


@pytest.mark.parametrize(("angle_deg", "is_one_island"), [(60, True), (72, False)])
def test_faces_of_a_fold_of_more_than_66_degrees_are_separate_islands(scene, angle_deg, is_one_island):
    target = new_object(scene, *folded(angle_deg))
    unwrap(target)
    right, left = islands(target.data)
    at_fold = {tuple(uv) for uv in right[[0, 5]]} & {tuple(uv) for uv in left[[0, 1]]}
    assert (len(at_fold) == 2) == is_one_island


@pytest.mark.parametrize(("margin", "side"), [(4, 512), (4, 4096), (16, 512)])
def test_islands_are_the_margin_apart(scene, margin, side):
    target = new_object(scene, *folded(90))
    unwrap(target, margin / side)
    right, left = islands(target.data)
    gaps = np.maximum(right.min(axis=0) - left.max(axis=0), left.min(axis=0) - right.max(axis=0))
    assert margin <= side * gaps.max() * 1.001 < margin + 1
    assert uvs_of(target.data).min() >= 0
    assert uvs_of(target.data).max() <= 1


def test_hidden_and_unselected_faces_are_unwrapped_too(scene):
    target = new_object(scene)
    for face in target.data.polygons:
        face.select, face.hide = False, face.index == 1
    unwrap(target)
    areas = [abs(np.linalg.det([b - a, c - a])) for a, b, c in uvs_of(target.data).reshape(2, 3, 2)]
    assert min(areas) > 0.5
    assert len(target.data.uv_layers) == 1


@pytest.mark.parametrize("is_synchronized", [False, True])
def test_islands_are_packed_into_the_texture_whatever_the_uv_selection(scene, is_synchronized):
    """Six squares fit into the hole of a frame, which the projection alone leaves empty."""
    scene.tool_settings.use_uv_select_sync = is_synchronized
    ring = [(side * x, side * y, 0) for side in (2, 1.8) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    frame = [face for a, b in ((0, 1), (1, 2), (2, 3), (3, 0)) for face in ((a, b, b + 4), (a, b + 4, a + 4))]
    squares = [(5 + x + 3 * place, y, 0) for place in range(6) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    corners, starts = ring + squares, range(8, 32, 4)
    faces = frame + [(start + a, start + b, start + c) for start in starts for a, b, c in ((0, 1, 2), (0, 2, 3))]
    target = new_object(scene, corners, faces)
    unwrap(target, 4 / 512)
    assert scene.tool_settings.use_uv_select_sync == is_synchronized
    areas = [abs(np.linalg.det([b - a, c - a])) / 2 for a, b, c in uvs_of(target.data).reshape(-1, 3, 2)]
    assert sum(areas) > 0.5
    assert uvs_of(target.data).min() >= 0
    assert uvs_of(target.data).max() <= 1


@pytest.mark.parametrize("is_hidden", [False, True])
def test_the_selection_is_the_same_after_success_and_after_failure(scene, is_hidden):
    target, other, third = (new_object(scene, name=name) for name in ("square", "other", "third"))
    for item in (target, other, third):
        item.select_set(item != target)
    bpy.context.view_layer.objects.active = third
    target.hide_viewport = is_hidden
    if is_hidden:
        with pytest.raises(UnwrapError, match=r'^"square" cannot be unwrapped \(.+\)\. Create UVs by hand\.$'):
            unwrap(target)
    else:
        unwrap(target)
    assert [item.select_get() for item in (target, other, third)] == [False, True, True]
    assert bpy.context.view_layer.objects.active == third
    assert bpy.context.mode == "OBJECT"


def test_colors_of_vertices_and_of_corners_are_read_in_the_order_of_the_corners(scene):
    data = new_object(scene).data
    for vertex, item in enumerate(data.attributes["Color"].data):
        item.color = (vertex / 3, 0, 0, 1)
    expected = np.array([0, 1, 2, 0, 2, 3]) / 3
    np.testing.assert_allclose(corner_colors(data)[:, 0], expected, atol=0.02)
    data.attributes.remove(data.attributes["Color"])
    for corner, item in enumerate(data.attributes.new("Color", "FLOAT_COLOR", "CORNER").data):
        item.color = (0, corner / 8, 0.5, 1)
    np.testing.assert_array_equal(corner_colors(data), [[0, corner / 8, 0.5] for corner in range(6)])


def test_an_object_that_is_no_mesh_and_a_mesh_without_faces_or_colors_cannot_be_baked(scene):
    target = new_object(scene)
    check_can_bake(target)
    with pytest.raises(BakeError, match='^"light" has no faces to bake.$'):
        check_can_bake(bpy.data.objects.new("light", bpy.data.lights.new("light", "POINT")))
    target.data.attributes.remove(target.data.attributes["Color"])
    with pytest.raises(BakeError, match='^"square" has no color attribute to bake.$'):
        check_can_bake(target)
    target.data.clear_geometry()
    with pytest.raises(BakeError, match='^"square" has no faces to bake.$'):
        check_can_bake(target)


def test_linked_objects_data_and_materials_cannot_be_baked(scene, link_all):
    local = new_object(scene)
    (linked,) = link_all()
    with pytest.raises(BakeError, match='^"square" is linked from another file. Bake it there.$'):
        check_can_bake(linked)
    mine = bpy.data.objects.new("mine", linked.data)
    with pytest.raises(BakeError, match='^"mine" is linked from another file. Bake it there.$'):
        check_can_bake(mine)
    local.data.materials[0] = linked.data.materials[0]
    with pytest.raises(BakeError, match='^The material of "square" is linked from another file. Bake it there.$'):
        slots_to_bake(local)


def test_only_slots_whose_material_reads_the_colors_are_baked(scene):
    target = new_object(scene)
    plain = bpy.data.materials.new("plain")
    if plain.node_tree is None:
        plain.use_nodes = True
    second = color_material(GREEN)
    for material in (plain, None, second):
        target.data.materials.append(material)
    assert [slot.material for slot in slots_to_bake(target)] == [target.data.materials[0], second]
    target.data.materials.clear()
    target.data.materials.append(plain)
    with pytest.raises(BakeError, match='^No material of "square" uses the color attribute "Color".$'):
        slots_to_bake(target)


def test_the_color_nodes_are_those_of_the_attribute_and_of_an_earlier_bake(scene):
    material = color_material(GREEN)
    nodes = material.node_tree.nodes
    (attribute,) = [node for node in nodes if node.type == "ATTRIBUTE"]
    nodes.new("ShaderNodeAttribute").attribute_name = "Other"
    nodes.new("ShaderNodeTexImage").name = "photo"
    assert color_nodes(material) == [attribute]
    texture = nodes.new("ShaderNodeTexImage")
    texture.name = "Text3D Texture"
    assert color_nodes(material) == [attribute, texture]


def test_a_material_of_this_mesh_alone_is_changed_and_one_of_others_is_copied(scene):
    target = new_object(scene)
    (slot,) = target.material_slots
    material = slot.material
    assert own_material(slot, target.data) == slot.material == material
    other = new_object(scene, name="other")
    other.data.materials[0] = material
    copy = own_material(slot, target.data)
    assert copy == slot.material == target.data.materials[0]
    assert copy != material
    assert other.data.materials[0] == material


def test_a_material_in_the_slot_of_the_object_itself_is_not_copied(scene):
    target = new_object(scene)
    (slot,) = target.material_slots
    slot.link = "OBJECT"
    slot.material = color_material(GREEN)
    mine = slot.material
    assert own_material(slot, target.data) == mine


def test_every_use_of_the_colors_reads_the_texture(scene):
    material, image = color_material(GREEN), bpy.data.images.new("chair", 4, 4)
    tree = material.node_tree
    (attribute,) = [node for node in tree.nodes if node.type == "ATTRIBUTE"]
    (surface,) = [node for node in tree.nodes if node.type == "BSDF_PRINCIPLED"]
    tree.links.new(attribute.outputs["Color"], surface.inputs["Emission Color"])
    second = tree.nodes.new("ShaderNodeAttribute")
    second.attribute_name = "Color"
    tree.links.new(second.outputs["Color"], surface.inputs["Specular Tint"])
    assign_texture(material, image)
    texture = tree.nodes["Text3D Texture"]
    assert {link.to_socket.name for link in texture.outputs["Color"].links} == {
        "Base Color", "Emission Color", "Specular Tint",
    }  # fmt: skip
    assert not [*attribute.outputs["Color"].links, *second.outputs["Color"].links]
    assert texture.image == image
    assert tuple(texture.location) == (attribute.location[0] - 80, attribute.location[1] + 300)


def test_a_replaced_image_is_removed_unless_something_else_uses_it(scene):
    material = color_material(GREEN)
    images = [bpy.data.images.new(name, 4, 4) for name in ("first", "second", "third")]
    assign_texture(material, images[0])
    assign_texture(material, images[1])
    assert [image.name for image in bpy.data.images] == ["second", "third"]
    images[1].use_fake_user = True
    assign_texture(material, images[2])
    assert [image.name for image in bpy.data.images] == ["second", "third"]
    assert len([node for node in material.node_tree.nodes if node.type == "TEX_IMAGE"]) == 1


def test_all_materials_of_a_mesh_get_the_same_image(scene):
    target = new_object(scene)
    target.data.materials.append(color_material(GREEN))
    image = bake_texture(target, 64)
    textures = [material.node_tree.nodes["Text3D Texture"] for material in target.data.materials]
    assert [node.image for node in textures] == [image, image]
    assert (image.name, tuple(image.size)) == ("square", (64, 64))
