# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake to Texture: the image equals the color attribute, and exports include it."""

import json
import struct

import bpy
import numpy as np
import pytest

from blender_text3d.geometry import Mesh
from blender_text3d.geometry.srgb import linear_from_srgb, srgb_from_linear
from blender_text3d.scene.bake import BakeError, bake_texture, color_nodes
from blender_text3d.scene.importer import Result, import_result
from blender_text3d.scene.names import COLOR
from blender_text3d.scene.texture_fill import paint_texture
from tests.blender.conftest import sphere_arrays
from tests.blender.recording_layout import drawn

BLUE, RED = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)
UNIT = np.array([[[0, 0], [1, 0], [1, 1]], [[0, 0], [1, 1], [0, 1]]])
SQUARE = 0.25 + 0.5 * UNIT


def imported(mesh, scene, job_id="job-1"):
    (target,) = import_result(Result(job_id, "a red chair", {"prompt": "a"}, mesh, None, 1.0, (0, 0, 0)), scene)
    bpy.context.view_layer.update()
    return target


def pixels_of(image):
    """Return pixels (side, side, 4) int64 of 0 to 255, the lowest row first."""
    values = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(values)
    return np.rint(values * 255).astype(int).reshape(*image.size, 4)


def corners_in(image, target):
    """Return (image color, position in pixels) of each face corner of the mesh."""
    data = target.data
    uvs = np.empty(len(data.loops) * 2, np.float32)
    data.uv_layers.active.uv.foreach_get("vector", uvs)
    positions = uvs.reshape(-1, 2) * image.size[0]
    x, y = np.floor(positions).astype(int).T
    return pixels_of(image)[y, x], positions


def colors_at_corners(target):
    """Return the color attribute at each face corner, sRGB (L, 4) int64 of 0 to 255."""
    data = target.data
    vertices = np.empty(len(data.loops), np.int32)
    data.loops.foreach_get("vertex_index", vertices)
    colors = np.empty(len(data.vertices) * 4, np.float32)
    data.attributes[COLOR].data.foreach_get("color_srgb", colors)
    return np.rint(colors.reshape(-1, 4)[vertices] * 255).astype(int)


def two_squares(side, margin):
    """Return a texture with a blue and a red square, and which pixels are in one, or in its margin."""
    uvs = np.concatenate([0.125 + 0.25 * UNIT, 0.625 + 0.125 * UNIT])
    colors = np.repeat(np.float32([BLUE, RED]), 2, axis=0)[:, None].repeat(3, axis=1)
    is_painted = np.zeros((2, side, side), bool)
    for square, (low, high) in zip(
        is_painted, ((side // 8, 3 * side // 8), (5 * side // 8, 3 * side // 4)), strict=True
    ):
        square[low - margin : high + 1 + margin, low - margin : high + 1 + margin] = True
    return paint_texture(uvs, colors, side, margin)[..., :3], is_painted


def test_a_color_fills_its_square_and_the_margin_around_it():
    texture, (is_blue, is_red) = two_squares(64, 3)
    assert (texture[is_blue] == (0, 0, 255)).all()
    assert (texture[is_red] == (255, 0, 0)).all()


@pytest.mark.parametrize("side", [64, 100])
def test_no_mipmap_mixes_in_a_color_that_no_triangle_has(side):
    texture, is_painted = two_squares(side, 0)
    texture, count = texture.astype(float), is_painted.any(axis=0).astype(float)
    assert (texture.sum(axis=-1) > 250).all()  # no black anywhere
    for level in (2, 4):
        size = side // level * level
        blocks = count[:size, :size].reshape(size // level, level, -1, level).sum(axis=(1, 3))
        sums = (texture * count[..., None])[:size, :size].reshape(size // level, level, -1, level, 3).sum(axis=(1, 3))
        means = texture[:size, :size].reshape(size // level, level, -1, level, 3).mean(axis=(1, 3))
        used = blocks > 0
        np.testing.assert_allclose(means[used], sums[used] / blocks[used][:, None], atol=1)


def test_between_corners_light_is_interpolated():
    colors = np.zeros((2, 3, 3), np.float32)
    colors[0, 1:3], colors[1, 1] = 1, 1  # black on the left, white on the right
    texture = paint_texture(SQUARE, colors, 64, 0)
    light = (np.arange(16, 48) + 0.5 - 16) / 32
    expected = np.tile(np.rint(255 * srgb_from_linear(light)), (32, 1))
    np.testing.assert_allclose(texture[16:48, 16:48, 0], expected, atol=1)


def test_every_8_bit_level_is_reproduced():
    levels = linear_from_srgb(np.arange(256, dtype=np.float32) / 255)
    for level in range(0, 256):
        texture = paint_texture(SQUARE, np.full((2, 3, 3), levels[level], np.float32), 8, 0)
        assert (texture[2:6, 2:6, :3] == level).all()


def test_tiny_degenerate_and_outside_triangles_are_handled():
    tiny = np.array([[[0.51, 0.51], [0.511, 0.51], [0.51, 0.511]]])
    assert (paint_texture(tiny, np.full((1, 3, 3), RED, np.float32), 16, 0)[8, 8] == (255, 0, 0, 255)).all()
    flat = np.array([[[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]]])
    paint_texture(flat, np.full((1, 3, 3), RED, np.float32), 16, 2)
    outside = np.array([[[-5.0, -5.0], [7.0, -5.0], [0.5, 9.0]], [[2.0, 2.0], [3.0, 2.0], [2.0, 3.0]]])
    assert (paint_texture(outside, np.full((2, 3, 3), RED, np.float32), 16, 2)[8, 8] == (255, 0, 0, 255)).all()
    assert paint_texture(np.zeros((0, 3, 2)), np.zeros((0, 3, 3), np.float32), 16, 2).shape == (16, 16, 4)


def test_large_and_small_triangles_together_cover_every_pixel():
    rng = np.random.default_rng(5)
    steps = np.sort(np.concatenate([[0, 1], rng.random(300) ** 3]))  # columns from 1 pixel to many
    corners = np.stack([steps[:-1], 0 * steps[1:], steps[1:], 0 * steps[1:] + 1], axis=1)
    quads = corners[:, [0, 1, 2, 1, 2, 3, 0, 1, 2, 3, 0, 3]]
    texture = paint_texture(quads.reshape(-1, 3, 2), np.ones((2 * len(quads), 3, 3), np.float32), 700, 0)
    assert (texture == 255).all()


def test_between_vertices_of_one_color_every_pixel_has_exactly_it(scene):
    vertices, faces = sphere_arrays()
    color = np.array([201, 17, 96], np.float32) / 255
    target = imported(Mesh(vertices, faces, np.tile(color, (len(vertices), 1)).astype(np.float32)), scene)
    image = bake_texture(target, 512)
    assert (corners_in(image, target)[0] == (201, 17, 96, 255)).all()
    assert set(map(tuple, pixels_of(image).reshape(-1, 4))) == {(201, 17, 96, 255)}


def test_the_image_has_the_colors_of_the_mesh_at_its_corners(scene):
    vertices, faces = sphere_arrays(rings=12, segments=16)
    colors = np.clip(vertices + 0.5, 0, 1).astype(np.float32)
    target = imported(Mesh(vertices, faces, colors), scene)
    found, _ = corners_in(bake_texture(target, 2048), target)
    assert np.abs(found - colors_at_corners(target)).max() <= 3  # half a pixel away from the corner itself


def test_colors_are_dilated_beyond_every_seam(scene, mesh):
    white = Mesh(mesh.vertices, mesh.faces, np.ones_like(mesh.colors))
    target = imported(white, scene)
    image = bake_texture(target, 512)
    _, positions = corners_in(image, target)
    for shift in np.array([(2, 0), (-2, 0), (0, 2), (0, -2)]):
        x, y = np.clip(np.floor(positions + shift), 0, 511).astype(int).T
        assert (pixels_of(image)[y, x] == 255).all()


def test_the_material_reads_the_image_and_the_attribute_stays(scene, mesh):
    target = imported(mesh, scene)
    image = bake_texture(target, 512)
    (material,) = target.data.materials
    surface = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    (link,) = surface.inputs["Base Color"].links
    assert link.from_node.type == "TEX_IMAGE"
    assert link.from_node.image == image
    assert COLOR in target.data.color_attributes
    assert (image.name, tuple(image.size), bool(image.packed_file)) == ("a red chair", (512, 512), True)
    assert image.colorspace_settings.name == "sRGB"
    assert image.users == 1
    assert material.users == 1


def test_the_image_is_kept_after_saving_and_opening(scene, mesh, tmp_path):
    before = pixels_of(bake_texture(imported(mesh, scene), 512))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "chair.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "chair.blend"))
    np.testing.assert_array_equal(pixels_of(bpy.data.images["a red chair"]), before)


def test_existing_uvs_are_kept(scene, mesh):
    target = imported(mesh, scene)
    uvs = target.data.uv_layers.new(name="custom")
    values = np.random.default_rng(1).random(len(target.data.loops) * 2, dtype=np.float32)
    uvs.uv.foreach_set("vector", values)
    bake_texture(target, 512)
    kept = np.empty_like(values)
    target.data.uv_layers.active.uv.foreach_get("vector", kept)
    np.testing.assert_array_equal(kept, values)
    assert len(target.data.uv_layers) == 1


def test_the_selection_is_kept_and_other_meshes_get_no_uvs(scene, mesh):
    target = imported(mesh, scene)
    other = imported(mesh, scene, "job-2")
    other.select_set(True)
    bpy.context.view_layer.objects.active = other
    bake_texture(target, 512)
    assert other.select_get()
    assert not target.select_get()
    assert bpy.context.view_layer.objects.active == other
    assert other.mode == target.mode == "OBJECT"
    assert not other.data.uv_layers


def test_baking_again_replaces_the_image(scene, mesh):
    target = imported(mesh, scene)
    bake_texture(target, 512)
    image = bake_texture(target, 1024)
    assert [tuple(each.size) for each in bpy.data.images if each.users] == [(1024, 1024)]
    assert image.users == 1
    (material,) = target.data.materials
    assert [node.image for node in material.node_tree.nodes if node.type == "TEX_IMAGE"] == [image]


def test_another_object_of_the_same_material_keeps_its_colors(scene, mesh):
    target, other = imported(mesh, scene), imported(mesh, scene, "job-2")
    other.data.materials[0] = target.data.materials[0]
    bake_texture(target, 512)
    assert [node.type for node in color_nodes(other.data.materials[0])] == ["ATTRIBUTE"]
    assert target.data.materials[0] != other.data.materials[0]


def test_colors_on_corners_are_baked_too(scene, mesh):
    target = imported(mesh, scene)
    bpy.context.view_layer.objects.active = target
    target.data.attributes.active = target.data.attributes[COLOR]
    with bpy.context.temp_override(object=target, active_object=target):
        bpy.ops.geometry.attribute_convert(mode="GENERIC", domain="CORNER", data_type="BYTE_COLOR")
    assert target.data.attributes[COLOR].domain == "CORNER"
    assert pixels_of(bake_texture(target, 512))[..., :3].max() > 100


def test_a_mesh_without_material_color_or_faces_is_refused_with_a_message(scene, mesh):
    target = imported(mesh, scene)
    target.data.materials.clear()
    with pytest.raises(BakeError, match='No material of "a red chair" uses the color attribute "Color"'):
        bake_texture(target, 512)
    assert not target.data.uv_layers
    target.data.attributes.remove(target.data.attributes[COLOR])
    with pytest.raises(BakeError, match="has no color attribute to bake"):
        bake_texture(target, 512)
    target.data.clear_geometry()
    with pytest.raises(BakeError, match="no faces"):
        bake_texture(target, 512)


def test_the_button_bakes_the_active_object(addon, scene):
    bpy.ops.text3d.generate()
    assert "Bake" in drawn().splitlines()
    assert bpy.ops.text3d.bake_texture(size="512") == {"FINISHED"}
    (image,) = [each for each in bpy.data.images if each.users]
    assert (204, 26, 26, 255) in set(map(tuple, pixels_of(image).reshape(-1, 4)))  # 0.8, 0.1, 0.1


def test_one_undo_reverts_it_and_redo_repeats_it(addon, scene):
    bpy.ops.text3d.generate()
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.text3d.bake_texture("EXEC_DEFAULT", True, size="512")
    bpy.ops.ed.undo()
    (target,) = bpy.context.scene.objects
    assert not target.data.uv_layers
    assert [node.type for node in color_nodes(target.data.materials[0])] == ["ATTRIBUTE"]
    bpy.ops.ed.redo()
    (target,) = bpy.context.scene.objects
    (link,) = target.data.materials[0].node_tree.nodes["Text3D Texture"].outputs["Color"].links
    assert target.data.uv_layers
    assert link.to_socket.name == "Base Color"
    assert pixels_of(bpy.data.images["a red chair"])[..., 0].max() == 204


def test_the_button_is_disabled_for_clouds_and_in_edit_mode(addon, scene):
    bpy.ops.text3d.generate()
    bpy.ops.object.mode_set(mode="EDIT")
    assert not bpy.ops.text3d.bake_texture.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.text3d.bake_texture.poll()
    addon.outputs = "cloud"
    bpy.ops.text3d.generate()
    assert not bpy.ops.text3d.bake_texture.poll()


def test_a_hidden_object_is_refused_with_a_message(addon, scene):
    bpy.ops.text3d.generate()
    scene.objects[0].hide_viewport = True
    with pytest.raises(RuntimeError, match="cannot be unwrapped"):
        bpy.ops.text3d.bake_texture(size="512")


def test_a_glb_that_blender_exports_has_the_texture(scene, mesh, tmp_path):
    bpy.ops.preferences.addon_enable(module="io_scene_gltf2")
    target = imported(mesh, scene)
    before = pixels_of(bake_texture(target, 512))
    path = str(tmp_path / "chair.glb")
    bpy.ops.export_scene.gltf(filepath=path)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    bpy.ops.preferences.addon_enable(module="io_scene_gltf2")
    bpy.ops.import_scene.gltf(filepath=path)
    (image,) = [each for each in bpy.data.images if each.users and each.size[0]]
    np.testing.assert_array_equal(pixels_of(image), before)
    (reimported,) = [each for each in bpy.data.objects if each.type == "MESH"]
    assert len(reimported.data.uv_layers) == 1


@pytest.fixture
def exported_attributes(scene, tmp_path):
    """A function that exports the scene as GLB with the add-on enabled, and returns the first mesh's attributes."""
    import blender_text3d

    bpy.ops.preferences.addon_enable(module="io_scene_gltf2")
    addons = bpy.context.preferences.addons
    enabled = addons.new()
    enabled.module = blender_text3d.__name__

    def export(**options) -> set[str]:
        path = tmp_path / "x.glb"
        bpy.ops.export_scene.gltf(filepath=str(path), **options)
        content = path.read_bytes()
        tree = json.loads(content[20 : 20 + struct.unpack_from("<I", content, 12)[0]])
        return set(tree["meshes"][0]["primitives"][0]["attributes"])

    yield export
    addons.remove(enabled)


TEXTURED = {"POSITION", "NORMAL", "TEXCOORD_0"}


def test_a_baked_object_is_exported_with_its_texture_and_without_white_colors(scene, mesh, exported_attributes):
    target = imported(mesh, scene)
    assert exported_attributes() == {"POSITION", "NORMAL", "COLOR_0"}
    bake_texture(target, 512)
    assert exported_attributes() == TEXTURED
    target.modifiers.new("Decimate", "DECIMATE").ratio = 0.5
    assert exported_attributes(export_apply=True) == TEXTURED


def test_colors_that_the_user_wants_are_exported_beside_a_baked_texture(scene, mesh, exported_attributes):
    target = imported(mesh, scene)
    bake_texture(target, 512)
    assert "COLOR_0" in exported_attributes(export_vertex_color="ACTIVE")
    target.data.color_attributes.new("Mask", "BYTE_COLOR", "POINT")
    assert "COLOR_1" in exported_attributes()
    target.data.color_attributes.remove(target.data.color_attributes["Mask"])
    target.data.materials.append(bpy.data.materials.new("mine"))
    assert "COLOR_1" in exported_attributes()
