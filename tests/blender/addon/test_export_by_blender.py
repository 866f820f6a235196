# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets that Blender's own exporters write: read back, size, axes, colors and names are those of the object."""

import json

import bpy
import numpy as np
import pytest

from blender_text3d.scene.material import build_nodes
from blender_text3d.scene.recipe import write_recipe
from tests.blender.addon.test_export import add_cone, export
from tests.exports.test_glb import glb_parts

FILES = {"GAME": "x.glb", "USD": "x.usdz", "OBJ": "x.obj", "FBX": "x.fbx"}
DATA = ("objects", "meshes", "materials", "images", "scenes", "collections", "curves")


def names():
    return {kind: sorted(item.name for item in getattr(bpy.data, kind)) for kind in DATA}


def read_back(path):
    """Import a file into an empty one, and return its meshes."""
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    importers = {
        ".glb": lambda: bpy.ops.import_scene.gltf(filepath=str(path)),
        ".usdz": lambda: bpy.ops.wm.usd_import(filepath=str(path), import_textures_mode="IMPORT_PACK"),
        ".obj": lambda: bpy.ops.wm.obj_import(filepath=str(path)),
        ".fbx": lambda: bpy.ops.import_scene.fbx(filepath=str(path)),
    }
    importers[path.suffix]()
    bpy.context.view_layer.update()
    return [item for item in bpy.data.objects if item.type == "MESH"]


def world(target):
    places = np.empty(3 * len(target.data.vertices), np.float32)
    target.data.vertices.foreach_get("co", places)
    matrix = np.array(target.matrix_world)
    return places.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


def color_at(target, vertex):
    """Return the sRGB color of the texture that the base color of a mesh reads, at a vertex."""
    (loop,) = [loop for loop in target.data.loops if loop.vertex_index == vertex][:1]
    u, v = target.data.uv_layers.active.uv[loop.index].vector
    nodes = target.data.materials[0].node_tree.nodes
    image = next(node.image for node in nodes if node.type == "TEX_IMAGE")
    width, height = image.size
    place = 4 * (min(int(v * height), height - 1) * width + min(int(u * width), width - 1))
    return np.array(image.pixels[place : place + 3])


@pytest.mark.parametrize("preset", list(FILES))
def test_it_comes_back_with_its_size_axes_and_colors(addon, scene, tmp_path, preset):
    cone = add_cone("a red cone", size=0.01, location=(3, 4, 5))
    cone.scale, cone.rotation_euler = (100, 100, 200), (0, 0, 0.3)
    write_recipe(cone, "job-1", {"prompt": "a red cone"})
    scene.unit_settings.scale_length = 0.5
    before = names()
    assert export(tmp_path / FILES[preset], preset=preset, texture_size="256") == {"FINISHED"}
    assert names() == before
    assert bpy.context.object == cone
    assert cone.select_get()
    (made,) = read_back(tmp_path / FILES[preset])
    assert made.name.replace("_", " ") == "a red cone"
    assert made.data.materials[0].name.replace("_", " ") == "a red cone"
    places = world(made)
    np.testing.assert_allclose(np.ptp(places, axis=0), (0.25, 0.25, 1.0), atol=6e-3)
    np.testing.assert_allclose(places.min(axis=0)[2], 0, atol=1e-5)
    np.testing.assert_allclose(made.scale, (1, 1, 1), atol=1e-5)
    np.testing.assert_allclose(color_at(made, int(places[:, 2].argmax())), (1, 0.5, 0), atol=0.01)
    assert not made.data.color_attributes
    if preset != "OBJ":
        assert json.loads(made["text3d_recipe"]) == {"prompt": "a red cone"}


@pytest.mark.parametrize("preset", list(FILES))
def test_objects_in_one_file_keep_their_places_and_names(addon, scene, tmp_path, preset):
    add_cone("a", location=(1, 0, 0))
    add_cone("b", location=(0, 2, 0))
    bpy.data.objects["a"].select_set(True)
    export(tmp_path / FILES[preset], preset=preset, texture_size="256")
    found = {item.name: world(item).mean(axis=0) for item in read_back(tmp_path / FILES[preset])}
    assert sorted(found) == ["a", "b"]
    np.testing.assert_allclose(found["a"] - found["b"], (1, -2, 0), atol=1e-4)


@pytest.mark.parametrize("preset", ["GAME", "FBX"])
def test_levels_of_detail_have_half_of_the_faces_each(addon, scene, tmp_path, preset):
    cone = add_cone("cone", location=(1, 2, 3))
    cone.modifiers.new("many", "SUBSURF").levels = 3
    other = bpy.data.objects.new("cone_LOD1", None)
    scene.collection.objects.link(other)
    before = names()
    export(tmp_path / FILES[preset], preset=preset, lod_levels=2, texture_size="256", use_origin=False)
    assert names() == before
    assert other.name == "cone_LOD1"
    made = {item.name: item for item in read_back(tmp_path / FILES[preset])}
    assert sorted(made) == ["cone_LOD0", "cone_LOD1", "cone_LOD2"]
    counts = [len(item.data.loop_triangles) for _, item in sorted(made.items()) if not item.data.calc_loop_triangles()]
    assert counts[1] == pytest.approx(counts[0] / 2, rel=0.02)
    assert counts[2] == pytest.approx(counts[0] / 4, rel=0.02)
    for item in made.values():
        np.testing.assert_allclose(world(item).mean(axis=0)[:2], (1, 2), atol=0.1)
        assert item.data.materials[0] == made["cone_LOD0"].data.materials[0]
        assert (item.parent is not None) == (preset == "FBX")


def test_the_files_of_an_obj_are_named_after_it_and_one_of_the_user_is_kept(addon, scene, tmp_path):
    add_cone("cone")
    (tmp_path / "my cone.mtl").write_text("mine")
    with pytest.raises(RuntimeError, match=r"my cone\.mtl exists and was kept"):
        export(tmp_path / "my cone.obj", preset="OBJ", texture_size="256")
    assert [path.name for path in tmp_path.glob("my*")] == ["my cone.mtl"]
    export(tmp_path / "my cone.obj", preset="OBJ", texture_size="256", overwrite=True)
    assert sorted(path.name for path in tmp_path.glob("my*")) == ["my cone.mtl", "my cone.obj", "my_cone.png"]
    assert "map_Kd my_cone.png" in (tmp_path / "my cone.mtl").read_text()


def painted_cone(image):
    cone = add_cone("painted")
    nodes = cone.data.materials[0].node_tree.nodes
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    surface = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    cone.data.materials[0].node_tree.links.new(texture.outputs["Color"], surface.inputs["Base Color"])
    nodes.remove(next(node for node in nodes if node.type == "ATTRIBUTE"))
    return cone


@pytest.mark.parametrize("preset", list(FILES))
def test_a_texture_of_the_user_in_memory_is_exported_too(addon, scene, tmp_path, preset):
    image = bpy.data.images.new("painting", 8, 4)
    image.pixels.foreach_set(np.tile(np.float32([0, 1, 0, 1]), 32))
    image.pack()
    painted_cone(image)
    export(tmp_path / FILES[preset], preset=preset)
    (made,) = read_back(tmp_path / FILES[preset])
    np.testing.assert_allclose(color_at(made, 0), (0, 1, 0), atol=0.01)


def test_edited_objects_export_as_they_look(addon, scene, tmp_path):
    cone = add_cone("cone")
    cone.shape_key_add(name="Basis")
    taller = cone.shape_key_add(name="taller")
    for point in taller.data:
        point.co.z *= 3
    taller.value = 1.0
    cone.modifiers.new("twice", "ARRAY").use_relative_offset = True
    cone.scale.x = -1
    cone.data.uv_layers.new(name="first")
    cone.data.uv_layers.new(name="second")
    for number in range(4):
        material = bpy.data.materials.new(f"other {number}")
        cone.data.materials.append(material)
        cone.data.polygons[number].material_index = number + 1
    bpy.context.view_layer.update()
    export(tmp_path / "x.glb", preset="GAME", texture_size="256")
    assert len(cone.data.shape_keys.key_blocks) == 2
    (made,) = read_back(tmp_path / "x.glb")
    np.testing.assert_allclose(np.ptp(world(made), axis=0), (1, 0.5, 3), atol=1e-4)
    assert len(made.data.materials) == 5
    assert len(made.data.uv_layers) == 3
    volume = sum(face.center.dot(face.normal) * face.area / 3 for face in made.data.polygons)
    assert volume > 0


def test_an_object_without_its_colors_is_exported_and_named(addon, scene, tmp_path, capfd):
    cone = add_cone("cone")
    cone.data.color_attributes.remove(cone.data.color_attributes["Color"])
    assert export(tmp_path / "x.glb", preset="GAME") == {"FINISHED"}
    expected = '"cone" has no color attribute to bake, so it was exported without colors.'
    assert expected in capfd.readouterr().out
    assert (tmp_path / "x.glb").exists()


def test_linked_objects_texts_and_curves_export_and_empties_are_named(addon, scene, tmp_path, capfd):
    add_cone("linked cone")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"), copy=True)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, here):
        here.objects = ["linked cone"]
    (cone,) = here.objects
    bpy.context.scene.collection.objects.link(cone)
    bpy.ops.object.text_add()
    bpy.ops.object.empty_add()
    for target in bpy.context.scene.objects:
        target.select_set(True)
    before = names()
    assert export(tmp_path / "x.glb", preset="GAME", texture_size="256") == {"FINISHED"}
    assert 'No visible faces in "Empty".' in capfd.readouterr().out
    assert names() == before
    tree, _ = glb_parts((tmp_path / "x.glb").read_bytes())
    assert [node["name"] for node in tree["nodes"]] == ["linked cone", "Text"]
    assert len(tree["images"]) == 1


def test_instances_that_are_left_out_are_named(addon, scene, tmp_path, capfd):
    cone = add_cone("cone")
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.object.parent, cone.instance_type = cone, "VERTS"
    bpy.context.object.select_set(False)
    cone.select_set(True)
    bpy.context.view_layer.update()
    export(tmp_path / "x.glb", preset="GAME", texture_size="256")
    assert 'The instances of "cone" were left out. Web and Print take them.' in capfd.readouterr().out
    cone.instance_type = "NONE"
    export(tmp_path / "x.glb", preset="GAME", texture_size="256")
    assert "instances" not in capfd.readouterr().out


@pytest.mark.parametrize("preset", list(FILES))
def test_a_full_disk_leaves_nothing_half_written(addon, scene, tmp_path, preset):
    resource = pytest.importorskip("resource")
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=5)
    target = bpy.context.object
    target.data.color_attributes.new("Color", "BYTE_COLOR", "POINT")
    material = bpy.data.materials.new("colors")
    if material.node_tree is None:
        material.use_nodes = True
    build_nodes(material.node_tree)
    target.data.materials.append(material)
    before = names()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limits[1]))
    try:
        with pytest.raises(RuntimeError, match=r"was not written|full"):
            export(tmp_path / FILES[preset], preset=preset, texture_size="256")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.glob("x*")) == list(tmp_path.glob(".text3d*")) == []
    assert names() == before
