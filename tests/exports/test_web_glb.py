# SPDX-License-Identifier: GPL-3.0-or-later
"""Small GLB files for the web: what they hold is what was given, to the promised bits."""

import json

import numpy as np
import pytest

from blender_text3d.exports.web_glb import WebItem, web_glb_bytes
from blender_text3d.geometry.normals import face_normals
from blender_text3d.geometry.shown_surface import Finish, ShownSurface
from blender_text3d.geometry.srgb import srgb_from_linear
from blender_text3d.geometry.textured_mesh import NO_TEXTURE
from tests.exports.sample_jobs import BOX
from tests.exports.test_glb import RECIPE, accessor, glb_parts

COUNT = len(BOX.faces)
JPEG = (b"\xff\xd8\xff not a whole one", "image/jpeg")


def box_surface(**changes):
    """Return the box with flat normals and random colors, at (1, 2, 3)."""
    normals = face_normals(BOX)
    normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    surface = ShownSurface(
        name="a red chair",
        positions=BOX.vertices,
        faces=BOX.faces,
        normals=np.repeat(normals[:, None], 3, axis=1),
        colors=np.random.default_rng(1).integers(0, 256, (COUNT, 3, 3)).astype(np.uint8),
        coordinates=np.random.default_rng(2).random((COUNT, 3, 2), np.float32),
        textures=np.full(COUNT, NO_TEXTURE, np.int32),
        slots=np.zeros(COUNT, np.int32),
        finishes=(Finish("gold", 1.0, 0.25),),
        location=np.array([1.0, 2.0, 3.0]),
    )
    return surface._replace(**changes)


def corners_of(content: bytes, mesh: int = 0) -> list[dict]:
    """Return the attributes of every corner of each primitive, in meters and Y up."""
    tree, binary = glb_parts(content)
    node = tree["nodes"][mesh]
    made = []
    for primitive in tree["meshes"][mesh]["primitives"]:
        indices = accessor(tree, binary, primitive["indices"]).reshape(-1)
        arrays = {}
        for name, index in primitive["attributes"].items():
            values = accessor(tree, binary, index)[indices].astype(float)
            is_normalized = tree["accessors"][index].get("normalized")
            arrays[name] = (
                values / {1: 127, 2: 65535}[accessor(tree, binary, index).itemsize] if is_normalized else values
            )
        arrays["POSITION"] = arrays["POSITION"] * node.get("scale", 1) + node.get("translation", 0)
        made.append(arrays | {"primitive": primitive})
    return made


@pytest.mark.parametrize("is_quantized", [True, False])
def test_every_corner_keeps_its_place_normal_and_color(is_quantized):
    surface = box_surface()
    (found,) = corners_of(web_glb_bytes([WebItem(surface, {})], [], is_quantized=is_quantized))
    x, y, z = (surface.positions + surface.location)[surface.faces].reshape(-1, 3).T
    np.testing.assert_allclose(found["POSITION"], np.stack([x, z, -y], axis=1), atol=1e-5)
    x, y, z = surface.normals.reshape(-1, 3).T
    np.testing.assert_allclose(found["NORMAL"], np.stack([x, z, -y], axis=1), atol=1e-2 if is_quantized else 1e-6)
    levels = srgb_from_linear(found["COLOR_0"]) * 255
    np.testing.assert_allclose(levels, surface.colors.reshape(-1, 3), atol=0.1)


def test_quantized_files_say_so_and_plain_ones_need_no_extension():
    tree, _ = glb_parts(web_glb_bytes([WebItem(box_surface(), {})], []))
    assert tree["extensionsRequired"] == tree["extensionsUsed"] == ["KHR_mesh_quantization"]
    tree, _ = glb_parts(web_glb_bytes([WebItem(box_surface(), {})], [], is_quantized=False))
    assert "extensionsUsed" not in tree
    assert "scale" not in tree["nodes"][0]


def test_corners_that_are_the_same_are_stored_once():
    flat = box_surface(colors=np.full((COUNT, 3, 3), 200, np.uint8))
    tree, _ = glb_parts(web_glb_bytes([WebItem(flat, {})], []))
    (primitive,) = tree["meshes"][0]["primitives"]
    assert tree["accessors"][primitive["attributes"]["POSITION"]]["count"] == 24  # four of each side
    assert all(view["byteOffset"] % 4 == 0 and view.get("byteStride", 4) % 4 == 0 for view in tree["bufferViews"])


def test_names_recipe_and_materials_are_kept():
    tree, _ = glb_parts(web_glb_bytes([WebItem(box_surface(), RECIPE)], []))
    assert (tree["nodes"][0]["name"], tree["meshes"][0]["name"]) == ("a red chair", "a red chair")
    assert json.loads(tree["nodes"][0]["extras"]["text3d_recipe"]) == RECIPE
    (material,) = tree["materials"]
    assert material["name"] == "gold"
    assert material["pbrMetallicRoughness"] == {"metallicFactor": 1.0, "roughnessFactor": 0.25}


def test_a_primitive_for_each_material_and_texture_with_its_coordinates():
    slots, textures = np.zeros(COUNT, np.int32), np.full(COUNT, NO_TEXTURE, np.int32)
    slots[4:], textures[8:] = 1, 0
    white = np.full((COUNT, 3, 3), 255, np.uint8)
    surface = box_surface(
        slots=slots, textures=textures, colors=white, finishes=(Finish("a", 0, 0.5), Finish("b", 0, 0.5))
    )
    content = web_glb_bytes([WebItem(surface, {})], [JPEG])
    tree, binary = glb_parts(content)
    first, second, third = corners_of(content)
    assert [found["primitive"]["material"] for found in (first, second, third)] == [0, 1, 2]
    assert [material["name"] for material in tree["materials"]] == ["a", "b", "b"]
    assert tree["materials"][2]["pbrMetallicRoughness"]["baseColorTexture"] == {"index": 0}
    np.testing.assert_allclose(
        third["TEXCOORD_0"], surface.coordinates[8:].reshape(-1, 2) * (1, -1) + (0, 1), atol=1e-6
    )
    assert "COLOR_0" not in third
    view = tree["bufferViews"][tree["images"][0]["bufferView"]]
    assert binary[view["byteOffset"] :][: view["byteLength"]] == JPEG[0]


def test_a_flat_and_a_single_point_mesh_are_written():
    for size in (np.float32([1, 0, 1]), np.float32([0, 0, 0])):
        surface = box_surface(positions=BOX.vertices * size)
        (found,) = corners_of(web_glb_bytes([WebItem(surface, {})], []))
        assert np.isfinite(found["POSITION"]).all()
