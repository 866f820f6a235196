# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured objects: their shape in world orientation, their colors, and bad ones."""

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

from blender_text3d.geometry.compact_mesh import save_in_steps
from blender_text3d.geometry.textured_mesh import NO_TEXTURE, load_textured_mesh
from blender_text3d.scene import (
    evaluated_mesh,
    object_capture,
    object_parts,
    object_surface,
    texture_bytes,
    triangles,
)
from blender_text3d.scene.evaluated_mesh import CaptureError, starts_in_edges
from blender_text3d.scene.object_capture import capture
from blender_text3d.system.run_steps import run_steps


def captured(*objects):
    bpy.context.view_layer.update()
    return run_steps(capture([item.session_uid for item in objects or bpy.context.selected_objects]))


def mesh_object(points, faces, name="Mesh"):
    data = bpy.data.meshes.new(name)
    data.from_pydata(points, [], faces)
    target = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(target)
    return target


def area(made):
    corners = made.mesh.vertices[made.mesh.faces].astype(np.float64)
    return np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2


def volume(made):
    """The signed volume: negative if the faces look inside."""
    first, second, third = made.mesh.vertices[made.mesh.faces].astype(np.float64).transpose(1, 0, 2)
    return (first * np.cross(second, third)).sum() / 6


def colored(target, color, image=None):
    material = bpy.data.materials.new("Material")
    if material.node_tree is None:
        material.use_nodes = True
    surface = material.node_tree.nodes["Principled BSDF"]
    surface.inputs["Base Color"].default_value = (*color, 1)
    if image is not None:
        texture = material.node_tree.nodes.new("ShaderNodeTexImage")
        texture.image = image
        material.node_tree.links.new(texture.outputs["Color"], surface.inputs["Base Color"])
    target.data.materials.append(material)
    return material


@pytest.mark.parametrize("scale", [(1, 2, 3), (-1, 2, 3)], ids=["plain", "mirrored"])
def test_an_object_is_captured_in_world_orientation_with_faces_to_the_outside(scene, scale):
    bpy.ops.mesh.primitive_cube_add(size=1)
    bpy.context.object.matrix_world = Matrix.LocRotScale(Vector((7, 8, 9)), None, Vector(scale))
    made = captured()
    assert np.allclose(made.low + made.origin, [6.5, 7, 7.5])
    assert np.allclose(made.high + made.origin, [7.5, 9, 10.5])
    assert volume(made) == pytest.approx(6)
    assert made.notices == ()


@pytest.mark.parametrize("size", [1e-4, 1e5])
def test_tiny_and_huge_objects_far_from_the_origin_keep_their_shape(scene, size):
    bpy.ops.mesh.primitive_cube_add(size=1, location=(1000, 0, 0))
    bpy.context.object.scale = (size, size, size)
    made = captured()
    assert volume(made) == pytest.approx(size**3, rel=1e-3)


def test_modifiers_and_instances_are_captured(scene):
    bpy.ops.mesh.primitive_cube_add(size=1)
    cube = bpy.context.object
    cube.modifiers.new("Array", "ARRAY").count = 3
    assert volume(captured()) == pytest.approx(3)
    collection = bpy.data.collections.new("Cubes")
    collection.objects.link(cube)
    shown = bpy.data.objects.new("Instance", None)
    shown.instance_type, shown.instance_collection = "COLLECTION", collection
    scene.collection.objects.link(shown)
    shown.location, shown.scale = (10, 0, 0), (2, 2, 2)
    made = captured(shown)
    assert volume(made) == pytest.approx(24)
    assert np.allclose(made.low + made.origin, [9, -1, -1])


@pytest.mark.parametrize("kind", ["text", "curve", "surface", "metaball"])
def test_what_blender_converts_to_a_mesh_is_captured(scene, kind):
    if kind == "text":
        bpy.ops.object.text_add()
        bpy.context.object.data.extrude = 0.1
    elif kind == "curve":
        bpy.ops.curve.primitive_bezier_circle_add()
        bpy.context.object.data.bevel_depth = 0.1
    elif kind == "surface":
        bpy.ops.surface.primitive_nurbs_surface_sphere_add()
    else:
        bpy.ops.object.metaball_add()
    colored(bpy.context.object, (0, 0, 1))
    made = captured()
    assert len(made.mesh.faces) > 100
    assert (made.mesh.colors == [0, 0, 255]).all()


def test_several_objects_are_one_mesh_with_a_color_each(scene):
    bpy.ops.mesh.primitive_cube_add(location=(0, 0, 0))
    first = bpy.context.object
    colored(first, (1, 0, 0))
    bpy.ops.mesh.primitive_cube_add(location=(5, 0, 0))
    second = bpy.context.object
    colored(second, (0, 1, 0))
    made = captured(first, second)
    assert len(made.mesh.faces) == 24
    red = (made.mesh.colors == [255, 0, 0]).all(axis=(1, 2))
    assert red.sum() == 12
    assert (
        made.mesh.vertices[made.mesh.faces[red]][..., 0].max() < made.mesh.vertices[made.mesh.faces[~red]][..., 0].min()
    )


def test_each_face_has_the_color_of_its_slot(scene):
    target = mesh_object([(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 1)], [(0, 1, 2), (1, 2, 3)])
    colored(target, (1, 0, 0))
    colored(target, (0, 0, 1))
    target.data.polygons[1].material_index = 1
    assert captured(target).mesh.colors[:, 0].tolist() == [[255, 0, 0], [0, 0, 255]]


def test_a_material_of_the_object_hides_that_of_its_mesh(scene):
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.object
    colored(cube, (1, 0, 0))
    other = mesh_object([(0, 0, 0)], [])
    slot = cube.material_slots[0]
    slot.link = "OBJECT"
    slot.material = colored(other, (0, 0, 1))
    assert (captured(cube).mesh.colors == [0, 0, 255]).all()


def test_an_instancer_that_is_not_shown_is_not_captured_but_its_instances_are(scene):
    bpy.ops.mesh.primitive_plane_add(size=4)
    plane = bpy.context.object
    bpy.ops.mesh.primitive_cube_add(size=1)
    bpy.context.object.parent = plane
    plane.instance_type = "FACES"
    assert len(captured(plane).mesh.faces) == 2 + 12
    plane.show_instancer_for_viewport = False
    assert len(captured(plane).mesh.faces) == 12


@pytest.mark.parametrize("kind", ["BYTE_COLOR", "FLOAT_COLOR"])
@pytest.mark.parametrize("domain", ["POINT", "CORNER"])
def test_without_a_material_the_color_attribute_is_shown(scene, kind, domain):
    target = mesh_object([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [(0, 1, 2)])
    attribute = target.data.color_attributes.new("Paint", kind, domain)
    for item, color in zip(attribute.data, np.eye(3), strict=True):
        item.color_srgb = (*color, 1)
    target.data.color_attributes.active_color_name = "Paint"
    assert np.abs(captured(target).mesh.colors[0] - np.eye(3) * 255).max() <= 1


def test_without_anything_it_is_gray(scene):
    bpy.ops.mesh.primitive_cube_add()
    assert (captured().mesh.colors == 231).all()  # 0.8 in linear light


def square(scene):
    target = mesh_object([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], [(0, 1, 2, 3)])
    uv_map = target.data.uv_layers.new(name="UV")
    for loop, place in zip(uv_map.uv, [(0, 0), (1, 0), (1, 1), (0, 1)], strict=True):
        loop.vector = place
    return target


@pytest.mark.parametrize("kind", ["painted", "packed", "file"])
def test_an_image_is_handed_over_and_colors_the_right_places(scene, tmp_path, kind):
    image = bpy.data.images.new("Quarters", 4, 2)
    pixels = np.ones((2, 4, 4), np.float32)  # from the bottom row to the top
    pixels[0, :2, :3], pixels[0, 2:, :3] = (0, 1, 0), (1, 0, 0)
    pixels[1, :2, :3], pixels[1, 2:, :3] = (0, 0, 1), (0, 1, 0)
    image.pixels.foreach_set(pixels.ravel())
    if kind == "packed":
        image.pack()
    elif kind == "file":
        image.filepath_raw, image.file_format = str(tmp_path / "quarters.png"), "PNG"
        image.save()
        image = bpy.data.images.load(str(tmp_path / "quarters.png"))
    target = square(scene)
    colored(target, (1, 1, 1), image)
    made = captured(target)
    assert made.mesh.textures_of_faces.tolist() == [0, 0]
    assert made.mesh.textures[0].ndim == (3 if kind == "painted" else 1)
    run_steps(save_in_steps(tmp_path / "square.npz", made.mesh))
    mesh = load_textured_mesh(tmp_path / "square.npz", decode=lambda content: np.zeros((1, 1, 3), np.uint8))
    assert np.allclose(mesh.coordinates[0], [[0, 0], [1, 0], [1, 1]])
    if kind == "painted":
        colors = mesh.base_colors(np.array([0, 1]), np.full((2, 3), 1 / 3))  # to the lower right, and the upper left
        assert colors.tolist() == [[1, 0, 0], [0, 0, 1]]


def test_a_missing_image_is_told_and_shown_in_gray(scene, tmp_path):
    bpy.data.images.new("temporary", 2, 2).save(filepath=str(tmp_path / "wood.png"))
    image = bpy.data.images.load(str(tmp_path / "wood.png"))
    (tmp_path / "wood.png").unlink()
    target = square(scene)
    colored(target, (1, 1, 1), image)
    made = captured(target)
    assert made.notices == ('Missing images, shown in gray: "wood.png".',)
    assert made.mesh.textures_of_faces.tolist() == [NO_TEXTURE] * 2
    assert (made.mesh.colors == 231).all()


def test_simplified_materials_and_objects_left_out_are_told(scene):
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.object
    material = colored(cube, (1, 1, 1))
    noise = material.node_tree.nodes.new("ShaderNodeTexNoise")
    material.node_tree.links.new(noise.outputs[0], material.node_tree.nodes["Principled BSDF"].inputs["Base Color"])
    bpy.ops.object.light_add()
    made = captured(cube, bpy.context.object)
    assert made.notices == ('Left out, without a surface: "Point".',)
    assert made.simplified == ("Material",)


def test_a_large_generated_image_is_left_to_another_blender(scene, monkeypatch):
    monkeypatch.setattr(texture_bytes, "pixels_of", lambda image: pytest.fail("it was read"))
    bpy.ops.mesh.primitive_cube_add()
    large = bpy.data.images.new("Large", 4096, 2048)
    colored(bpy.context.object, (1, 1, 1), large)
    assert captured().simplified == ("Material",)
    large.generated_width = 1024
    with pytest.raises(pytest.fail.Exception, match="it was read"):
        captured()


def test_materials_with_more_images_than_a_file_holds_are_named(scene, monkeypatch):
    monkeypatch.setattr(object_surface, "MAX_TEXTURES", 1)
    bpy.ops.mesh.primitive_cube_add()
    for index in range(2):
        colored(bpy.context.object, (1, 1, 1), bpy.data.images.new(f"Image {index}", 4, 4))
    assert captured().simplified == ("Material.001",)


def test_faces_at_places_that_are_no_numbers_do_not_count_for_the_size(scene):
    points = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (float("nan"), 0, 0)]
    made = captured(mesh_object(points, [(0, 1, 2), (0, 1, 3)]))
    assert np.allclose(made.high - made.low, [1, 1, 0])


def nothing(scene):
    return mesh_object([(0, 0, 0)], [], "Nothing")


def not_numbers(scene):
    return mesh_object([(float("nan"), 0, 0)] * 3, [(0, 1, 2)])


def without_extent(scene):
    target = square(scene)
    target.scale = (0, 0, 0)
    return target


def hidden(scene):
    target = square(scene)
    target.hide_set(True)
    return target


def light(scene):
    bpy.ops.object.light_add()
    return bpy.context.object


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (nothing, '"Nothing" has no faces. Give it a surface'),
        (not_numbers, "No face has finite places. Check the object for NaN"),
        (without_extent, "No face has finite places. Check the object for NaN coordinates or a scale of zero"),
        (hidden, '"Mesh" is hidden. Show it first'),
        (light, '"Point" has no surface. Select a mesh, curve'),
    ],
)
def test_an_object_without_a_surface_is_refused_with_a_sentence(scene, make, sentence):
    with pytest.raises(CaptureError, match=sentence):
        captured(make(scene))


def test_nothing_selected_is_refused_with_a_sentence(scene):
    with pytest.raises(CaptureError, match="No object is selected"):
        run_steps(capture([]))


def test_an_object_of_a_file_that_was_closed_is_refused_with_a_sentence(scene):
    bpy.ops.mesh.primitive_cube_add()
    uid = bpy.context.object.session_uid
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    with pytest.raises(CaptureError, match="no longer in the view layer"):
        run_steps(capture([uid]))


def test_too_many_triangles_or_instances_are_refused_with_a_sentence(scene, monkeypatch):
    bpy.ops.mesh.primitive_cube_add()
    monkeypatch.setattr(object_capture, "MAX_FACES", 11)
    with pytest.raises(CaptureError, match="more than 11 triangles. Select fewer, or add Decimate"):
        captured()
    monkeypatch.setattr(object_parts, "MAX_PARTS", 0)
    with pytest.raises(CaptureError, match="more than 0 instances"):
        captured()


@pytest.fixture
def instances(scene, monkeypatch):
    """A plane that shows a cube at each of its 9 vertices, of which a step takes 4."""
    monkeypatch.setattr(object_parts, "INSTANCES_PER_STEP", 4)
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=2, y_subdivisions=2, size=20)
    plane = bpy.context.object
    bpy.ops.mesh.primitive_cube_add(size=1)
    bpy.context.object.parent, plane.instance_type = plane, "VERTS"
    bpy.context.view_layer.update()
    return plane


def test_instances_are_found_in_several_steps_each_once(instances):
    steps, parts = 0, object_parts.list_parts([instances.session_uid])
    while True:
        try:
            next(parts)
            steps += 1
        except StopIteration as end:
            found = end.value[0]
            break
    assert steps >= 2
    places = {tuple(np.round(part.matrix[:3, 3], 3)) for part in found if part.is_instance}
    assert len(places) == sum(part.is_instance for part in found) == 9
    assert len(captured(instances).mesh.faces) == 9 * 12 + 4 * 2


def test_a_change_while_instances_are_found_is_told(instances):
    parts = object_parts.list_parts([instances.session_uid])
    next(parts)
    for _ in range(3):
        bpy.ops.mesh.primitive_cube_add()
    bpy.data.objects.remove(instances.children[0])
    bpy.context.view_layer.update()
    with pytest.raises(CaptureError, match="was changed while it was captured"):
        run_steps(parts)


def test_linked_objects_are_captured(scene, link_all):
    bpy.ops.mesh.primitive_cube_add(size=1)
    (linked,) = link_all()
    bpy.data.objects.remove(bpy.context.object)
    scene.collection.objects.link(linked)
    assert volume(captured(linked)) == pytest.approx(1)


def test_a_concave_face_is_split_into_triangles_within_it(scene):
    points = [(0, 0, 0), (2, 0, 0), (2, 2, 0), (1, 0.2, 0), (0, 2, 0)]
    made = captured(mesh_object(points, [tuple(range(5))]))
    assert area(made) == pytest.approx(4 - 1.8)


@pytest.mark.parametrize("shape", ["grid", "sphere"])
def test_a_large_mesh_is_read_in_steps_with_the_same_result(scene, monkeypatch, shape):
    if shape == "grid":
        bpy.ops.mesh.primitive_grid_add(x_subdivisions=9, y_subdivisions=7)
    else:
        bpy.ops.mesh.primitive_uv_sphere_add()
    target = bpy.context.object
    at_once = captured()
    monkeypatch.setattr(evaluated_mesh, "MAX_READ_AT_ONCE", 5)
    monkeypatch.setattr(evaluated_mesh, "MAX_ELEMENTS_PER_STEP", 5)
    monkeypatch.setattr(evaluated_mesh, "ROWS_PER_STEP", 7)
    monkeypatch.setattr(object_surface, "ROWS_PER_STEP", 7)
    monkeypatch.setattr(triangles, "FACES_PER_STEP", 7)
    steps = capture([target.session_uid])
    assert sum(1 for _ in steps) > 20
    for found, expected in zip(captured().mesh[:5], at_once.mesh[:5], strict=True):
        assert np.array_equal(found, expected)


def test_a_million_triangles_are_captured_whole_in_many_steps(scene):
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=710, y_subdivisions=710, size=2)
    bpy.context.view_layer.update()
    steps, capturing = 0, capture([bpy.context.object.session_uid])
    while True:
        try:
            next(capturing)
        except StopIteration as end:
            made = end.value
            break
        steps += 1
    assert len(made.mesh.faces) == 2 * 710 * 710 > 1_000_000
    assert area(made) == pytest.approx(4, rel=1e-4)
    assert steps > 50


def test_faces_are_found_in_their_edges_or_not_at_all():
    corner_vertices = np.array([0, 1, 2, 2, 1, 3], np.int32)
    ends = np.array([0, 1, 1, 2, 2, 0, 1, 3, 3, 2], np.int32)
    corner_edges = np.array([0, 1, 2, 1, 3, 4], np.int32)
    assert run_steps(starts_in_edges(corner_vertices, corner_edges, ends, 2)).tolist() == [0, 3, 6]
    fan = np.array([0, 1, 2, 0, 2, 3], np.int32)  # the second face begins where the first one ends
    edges = np.array([0, 1, 2, 2, 3, 4], np.int32)
    ends = np.array([0, 1, 1, 2, 2, 0, 2, 3, 3, 0], np.int32)
    assert run_steps(starts_in_edges(fan, edges, ends, 2)) is None


def test_a_mesh_that_is_changed_meanwhile_is_told(scene, monkeypatch):
    monkeypatch.setattr(evaluated_mesh, "MAX_ELEMENTS_PER_STEP", 5)
    bpy.ops.mesh.primitive_cube_add()
    target = bpy.context.object
    steps = capture([target.session_uid])
    for _ in range(3):
        next(steps)
    target.modifiers.new("Array", "ARRAY")
    bpy.context.view_layer.update()
    with pytest.raises(CaptureError, match="was changed while it was captured"):
        run_steps(steps)
