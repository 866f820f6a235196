# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of objects whose materials are procedural or mixed: colors, silhouettes and depths against expected ones."""

import json

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector

from blender_text3d.engine.shap_e.rendering.rasterize import rasterize
from blender_text3d.geometry.compact_mesh import save_in_steps
from blender_text3d.geometry.object_cameras import LIGHT_DIRECTION, sphere_cameras
from blender_text3d.geometry.png import encode_png
from blender_text3d.geometry.srgb import linear_from_srgb, srgb_from_linear
from blender_text3d.geometry.textured_mesh import load_with_views
from blender_text3d.scene.object_capture import capture
from blender_text3d.scene.render_files import SETTINGS_FILE, write_for_rendering
from blender_text3d.scene.render_object_views import main, visible_places
from blender_text3d.scene.view_renderer import SEED
from blender_text3d.system.run_steps import run_steps

VIEWS, SIDE = 4, 64
WHERE = Matrix.LocRotScale(Vector((3, -2, 5)), Euler((0.2, 0.4, 1.1)), Vector((2, 0.5, 1)))
RED, BLUE = (0.8, 0.1, 0.05, 1), (0.02, 0.1, 0.6, 1)


class Rendered:
    """Views that were rendered, and the places that their pixels show, in world space."""

    def __init__(self, path, origin, low, high):
        self.mesh, self.views = load_with_views(path, decode=lambda content: np.zeros((1, 1, 3), np.uint8))
        self.longest = (high - low).max()
        is_shown = self.views.depths > 0
        self.places = visible_places(self.views) * self.longest + origin + (low + high) / 2
        self.colors = self.views.images[is_shown][:, :3] / 255
        self.linear = linear_from_srgb(self.colors)


@pytest.fixture
def render(scene, tmp_path):
    """A function that captures objects, writes them, and renders them in another file."""

    def render(*objects, break_file=lambda folder: None):
        bpy.context.view_layer.update()
        uids = [item.session_uid for item in objects]
        made = run_steps(capture(uids))
        path = tmp_path / "object.npz"
        run_steps(save_in_steps(path, made.mesh))
        box = made.low + made.origin, made.high + made.origin
        run_steps(write_for_rendering(tmp_path, path.name, uids, box, VIEWS, SIDE, made.simplified))
        break_file(tmp_path)
        main(tmp_path)
        return Rendered(path, made.origin, made.low, made.high)

    return render


class Nodes:
    """The nodes of a new material of an object."""

    def __init__(self, target):
        self.material = bpy.data.materials.new("Material")
        if self.material.node_tree is None:
            self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.surface = self.tree.nodes["Principled BSDF"]
        self.color = self.surface.inputs["Base Color"]
        self.output = self.tree.nodes["Material Output"].inputs["Surface"]
        if target is not None:
            target.data.materials.append(self.material)

    def add(self, kind, **inputs):
        node = self.tree.nodes.new(kind)
        for name, value in inputs.items():
            node.inputs[name].default_value = value
        return node

    def link(self, output, socket):
        self.tree.links.new(output, socket)

    def checker(self, scale=2.5):
        """A checkerboard in object coordinates, whose squares have a side of 1 / scale."""
        node = self.add("ShaderNodeTexChecker", Color1=RED, Color2=BLUE, Scale=scale)
        self.link(self.add("ShaderNodeTexCoord").outputs["Object"], node.inputs["Vector"])
        return node


def cube(matrix=WHERE):
    bpy.ops.mesh.primitive_cube_add(size=2)
    bpy.context.object.matrix_world = matrix
    return bpy.context.object


def monkey(levels=1):
    bpy.ops.mesh.primitive_monkey_add()
    bpy.ops.object.shade_smooth()
    target = bpy.context.object
    target.matrix_world = WHERE
    target.modifiers.new("Smooth", "SUBSURF").levels = levels
    target.modifiers["Smooth"].render_levels = 3
    return target


def squares(places, matrix, scale=2.5):
    """Return which places have a checkerboard's first color, (N,) bool, and which are not near the edge of a square."""
    local = (np.c_[places, np.ones(len(places))] @ np.array(matrix.inverted()).T)[:, :3] * scale
    is_first = np.floor(local).astype(int).sum(axis=1) % 2 == 1
    return is_first, (np.abs(local - np.rint(local)) > 0.02).all(axis=1)


def test_a_checkerboard_has_the_colors_of_its_squares_where_they_are(render):
    target = cube()
    nodes = Nodes(target)
    nodes.link(nodes.checker().outputs["Color"], nodes.color)
    made = render(target)
    is_red, is_clear = squares(made.places, WHERE)
    expected = srgb_from_linear(np.where(is_red[:, None], RED[:3], BLUE[:3]))
    assert is_clear.mean() > 0.6
    assert np.abs(made.colors - expected)[is_clear].max() < 1.01 / 255


def test_silhouettes_depths_and_angles_are_those_of_the_captured_mesh(render):
    target = monkey()
    nodes = Nodes(target)
    nodes.link(nodes.checker().outputs["Color"], nodes.color)
    made = render(target)
    used = made.mesh.vertices.astype(np.float64)
    places = (used - (used.min(axis=0) + used.max(axis=0)) / 2) / made.longest
    cameras, depths = sphere_cameras(VIEWS, SIDE, SEED), made.views.depths_in_units()
    corners = places[made.mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    angles = np.abs(normals @ LIGHT_DIRECTION) / np.linalg.norm(normals, axis=1).clip(1e-30)
    for view in range(VIEWS):
        seen = cameras.pixels(view, places)[made.mesh.faces]
        hits = rasterize(seen, SIDE, SIDE)
        expected = np.full(SIDE * SIDE, np.inf)
        expected[hits.pixel] = np.einsum("qk,qk->q", seen[hits.face][..., 2], hits.weights)
        shown, own = np.isfinite(depths[view].ravel()), np.isfinite(expected)
        assert (shown & own).sum() / (shown | own).sum() > 0.995
        both = (shown & own)[hits.pixel]
        seen_by_both = hits.pixel[both]
        assert np.abs(depths[view].ravel()[seen_by_both] - expected[seen_by_both]).max() < 1e-4
        difference = np.abs(made.views.angles[view].ravel()[hits.pixel] / 255 - angles[hits.face])[both]
        assert np.quantile(difference, 0.97) < 0.01


def test_a_color_ramp_over_noise_has_its_colors_and_varies(render):
    target = monkey()
    nodes = Nodes(target)
    ramp = nodes.add("ShaderNodeValToRGB")
    for element, color, place in zip(ramp.color_ramp.elements, ((1, 0, 0, 1), (0, 1, 0.5, 1)), (0.4, 0.6), strict=True):
        element.color, element.position = color, place
    nodes.link(nodes.add("ShaderNodeTexNoise").outputs[0], ramp.inputs[0])
    nodes.link(ramp.outputs[0], nodes.color)
    made = render(target)
    red, green, blue = made.linear.T
    assert np.abs(red + green - 1).max() < 0.01
    assert np.abs(blue - green / 2).max() < 0.01
    assert red.std() > 0.2


def test_a_gradient_in_object_coordinates_with_a_mapping_has_the_value_of_each_place(render):
    target = cube()
    nodes = Nodes(target)
    gradient, mapping = nodes.add("ShaderNodeTexGradient"), nodes.add("ShaderNodeMapping")
    mapping.inputs["Location"].default_value, mapping.inputs["Scale"].default_value = (0.5, 0, 0), (0.5, 1, 1)
    nodes.link(nodes.add("ShaderNodeTexCoord").outputs["Object"], mapping.inputs["Vector"])
    nodes.link(mapping.outputs[0], gradient.inputs["Vector"])
    nodes.link(gradient.outputs["Color"], nodes.color)
    made = render(target)
    local = (np.c_[made.places, np.ones(len(made.places))] @ np.array(WHERE.inverted()).T)[:, 0]
    assert np.abs(made.linear - (local * 0.5 + 0.5)[:, None]).max() < 0.01


def test_coordinates_of_another_object_are_those_of_its_place(render):
    bpy.ops.object.empty_add(location=(3.1, -2.2, 5.3), rotation=(0.3, 0.5, 0.7))
    other, target = bpy.context.object, cube()
    nodes = Nodes(target)
    checker, place = nodes.checker(), nodes.add("ShaderNodeTexCoord")
    place.object = other
    nodes.link(place.outputs["Object"], checker.inputs["Vector"])
    nodes.link(checker.outputs["Color"], nodes.color)
    bpy.context.view_layer.update()
    matrix = other.matrix_world.copy()
    made = render(target)
    is_red, is_clear = squares(made.places, matrix)
    assert np.abs(made.linear - np.where(is_red[:, None], RED[:3], BLUE[:3]))[is_clear].max() < 0.01


def test_two_mixed_shaders_show_the_mix_of_their_colors(render):
    target = cube()
    nodes = Nodes(target)
    mix, other = nodes.add("ShaderNodeMixShader", Fac=0.25), nodes.add("ShaderNodeBsdfDiffuse", Color=BLUE)
    nodes.color.default_value = RED
    nodes.link(nodes.surface.outputs[0], mix.inputs[1])
    nodes.link(other.outputs[0], mix.inputs[2])
    nodes.link(mix.outputs[0], nodes.output)
    made = render(target)
    assert np.abs(made.linear - (0.75 * np.array(RED[:3]) + 0.25 * np.array(BLUE[:3]))).max() < 0.005


@pytest.mark.parametrize("is_inside", [True, False])
def test_shaders_in_groups_and_shaders_that_groups_get_are_followed(render, is_inside):
    target = cube()
    nodes = Nodes(target)
    group = bpy.data.node_groups.new("Group", "ShaderNodeTree")
    group.interface.new_socket("Shader", in_out="INPUT", socket_type="NodeSocketShader")
    group.interface.new_socket("Shader", in_out="OUTPUT", socket_type="NodeSocketShader")
    begin, end = group.nodes.new("NodeGroupInput"), group.nodes.new("NodeGroupOutput")
    mix, inner = group.nodes.new("ShaderNodeMixShader"), group.nodes.new("ShaderNodeBsdfDiffuse")
    inner.inputs["Color"].default_value = BLUE
    mix.inputs[0].default_value = 1.0 if is_inside else 0.0
    group.links.new(begin.outputs[0], mix.inputs[1])
    group.links.new(inner.outputs[0], mix.inputs[2])
    group.links.new(mix.outputs[0], end.inputs[0])
    node = nodes.add("ShaderNodeGroup")
    node.node_tree = group
    nodes.link(nodes.checker().outputs["Color"], nodes.color)
    nodes.link(nodes.surface.outputs[0], node.inputs[0])
    nodes.link(node.outputs[0], nodes.output)
    made = render(target)
    is_red, is_clear = squares(made.places, WHERE)
    expected = np.where((is_red & (not is_inside))[:, None], RED[:3], BLUE[:3])
    assert np.abs(made.linear - expected)[is_clear].max() < 0.01


def test_cut_out_squares_show_what_is_behind_them(render):
    target = cube(Matrix())
    nodes = Nodes(target)
    nodes.color.default_value = RED
    checker = nodes.checker(scale=1.5)
    checker.inputs["Color1"].default_value, checker.inputs["Color2"].default_value = (1, 1, 1, 1), (0, 0, 0, 1)
    nodes.link(checker.outputs["Color"], nodes.surface.inputs["Alpha"])
    made = render(target)
    is_solid, is_clear = squares(made.places, Matrix(), 1.5)
    assert is_solid[is_clear].all()
    assert np.abs(made.linear - RED[:3]).max() < 0.005
    assert len(made.places) > 500


def test_a_constant_share_of_transparency_leaves_an_object_solid(render):
    target = cube()
    nodes = Nodes(target)
    mix, clear = nodes.add("ShaderNodeMixShader", Fac=0.7), nodes.add("ShaderNodeBsdfTransparent")
    nodes.link(nodes.checker().outputs["Color"], nodes.color)
    nodes.link(nodes.surface.outputs[0], mix.inputs[1])
    nodes.link(clear.outputs[0], mix.inputs[2])
    nodes.link(mix.outputs[0], nodes.output)
    made = render(target)
    is_red, is_clear = squares(made.places, WHERE)
    assert np.abs(made.linear - np.where(is_red[:, None], RED[:3], BLUE[:3]))[is_clear].max() < 0.01


def test_color_attributes_and_faces_without_a_material_keep_their_colors_beside_a_procedural_one(render):
    painted, plain, noisy = cube(Matrix.Translation((4, 0, 0))), cube(Matrix.Translation((8, 0, 0))), cube(Matrix())
    attribute = painted.data.color_attributes.new("Paint", "FLOAT_COLOR", "POINT")
    for item in attribute.data:
        item.color = (0.1, 0.7, 0.2, 1)
    nodes = Nodes(noisy)
    nodes.link(nodes.checker().outputs["Color"], nodes.color)
    made = render(painted, plain, noisy)
    for x, color in ((4, (0.1, 0.7, 0.2)), (8, (0.8, 0.8, 0.8))):
        is_own = np.abs(made.places[:, 0] - x) < 1.05
        assert is_own.sum() > 50
        assert np.abs(made.linear[is_own] - color).max() < 0.01


def test_curves_texts_and_instanced_collections_are_rendered(render):
    bpy.ops.object.text_add(location=(0, 0, 3))
    text = bpy.context.object
    text.data.extrude = 0.2
    nodes = Nodes(text)
    nodes.link(nodes.checker().outputs["Color"], nodes.color)
    part = cube(Matrix())
    part.data.materials.append(nodes.material)
    collection = bpy.data.collections.new("Parts")
    bpy.context.scene.collection.objects.unlink(part)
    collection.objects.link(part)
    bpy.ops.object.empty_add(location=(3, 0, 0))
    empty = bpy.context.object
    empty.instance_type, empty.instance_collection = "COLLECTION", collection
    made = render(text, empty)
    assert (made.places[:, 0] > 2).sum() > 100
    assert (made.places[:, 2] > 2.5).sum() > 30
    is_red, is_clear = squares(made.places, Matrix.Translation((3, 0, 0)))
    is_clear &= made.places[:, 0] > 1.99
    expected = np.where(is_red[:, None], RED[:3], BLUE[:3])
    assert np.abs(made.linear - expected)[is_clear].max() < 0.01


def test_a_linked_object_is_rendered(render, link_all):
    nodes = Nodes(cube())
    nodes.link(nodes.checker().outputs["Color"], nodes.color)
    (linked,) = link_all()
    bpy.context.scene.collection.objects.link(linked)
    assert linked.library
    made = render(linked)
    is_red, is_clear = squares(made.places, WHERE)
    assert np.abs(made.linear - np.where(is_red[:, None], RED[:3], BLUE[:3]))[is_clear].max() < 0.01


@pytest.mark.parametrize("kind", ["bytes", "floats", "large"])
def test_pixels_that_were_painted_and_not_saved_are_rendered(render, tmp_path, kind):
    target = cube()
    side = 2100 if kind == "large" else 4
    image = bpy.data.images.new("Painted", side, side, float_buffer=kind == "floats")
    image.pixels.foreach_set(np.tile(np.float32([0, 1, 0, 1]), side * side))
    image.update()
    nodes = Nodes(target)
    texture, mix = nodes.add("ShaderNodeTexImage"), nodes.add("ShaderNodeMixShader", Fac=0.5)
    texture.image = image
    nodes.link(texture.outputs["Color"], nodes.color)
    nodes.link(nodes.surface.outputs[0], mix.inputs[1])
    nodes.link(nodes.surface.outputs[0], mix.inputs[2])
    nodes.link(mix.outputs[0], nodes.output)
    assert image.is_dirty
    assert np.abs(render(target).colors - [0, 1, 0]).max() < 1.01 / 255


@pytest.mark.parametrize("is_packed", [False, True], ids=["relative path", "packed"])
def test_images_beside_a_saved_file_and_packed_ones_are_rendered(render, tmp_path, is_packed):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "green.png").write_bytes(encode_png(np.tile(np.uint8([0, 200, 50, 255]), (4, 4, 1))))
    target = cube()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "home" / "saved.blend"))
    nodes = Nodes(target)
    texture, curve = nodes.add("ShaderNodeTexImage"), nodes.add("ShaderNodeGamma", Gamma=1.0)
    texture.image = bpy.data.images.load("//green.png")
    if is_packed:
        texture.image.pack()
        (tmp_path / "home" / "green.png").unlink()
    nodes.link(texture.outputs["Color"], curve.inputs["Color"])
    nodes.link(curve.outputs["Color"], nodes.color)
    assert np.abs(render(target).colors - [0, 200 / 255, 50 / 255]).max() < 1.01 / 255


def test_a_missing_image_is_gray_and_shader_to_rgb_gives_the_base_color(render, tmp_path):
    missing, toon = cube(Matrix.Translation((4, 0, 0))), cube(Matrix())
    nodes = Nodes(missing)
    texture, gamma = nodes.add("ShaderNodeTexImage"), nodes.add("ShaderNodeGamma", Gamma=1.0)
    texture.image = bpy.data.images.new("gone", 4, 4)
    texture.image.source, texture.image.filepath = "FILE", str(tmp_path / "gone.png")
    nodes.link(texture.outputs["Color"], gamma.inputs["Color"])
    nodes.link(gamma.outputs["Color"], nodes.color)
    nodes = Nodes(toon)
    diffuse, to_rgb = nodes.add("ShaderNodeBsdfDiffuse", Color=RED), nodes.add("ShaderNodeShaderToRGB")
    nodes.link(diffuse.outputs[0], to_rgb.inputs[0])
    nodes.link(to_rgb.outputs["Color"], nodes.color)
    made = render(missing, toon)
    is_missing = made.places[:, 0] > 2
    assert np.abs(made.linear[is_missing] - 0.8).max() < 0.01
    assert np.abs(made.linear[~is_missing] - RED[:3]).max() < 0.01


def test_parents_cutters_and_keyframes_of_the_frame_count_and_other_objects_do_not(render, scene):
    target, cutter = cube(Matrix()), cube(Matrix.Translation((1, 1, 1)))
    bpy.ops.object.empty_add(location=(5, 0, 0), rotation=(0, 0, 0.5))
    parent = bpy.context.object
    cutter.parent = target.parent = parent
    target.modifiers.new("Cut", "BOOLEAN").object = cutter
    for frame, z in ((1, 0.0), (11, 10.0)):
        parent.location.z = z
        parent.keyframe_insert("location", frame=frame)
    scene.frame_set(6)
    cube(Matrix.Translation((5, 0, 5)) @ Matrix.Scale(3, 4))  # around all of it
    nodes = Nodes(target)
    nodes.link(nodes.checker().outputs["Color"], nodes.color)
    bpy.context.view_layer.update()
    matrix = np.array(parent.matrix_world)
    assert matrix[:3, 3] == pytest.approx([5, 0, 5])
    in_parent = (render(target).places - matrix[:3, 3]) @ matrix[:3, :3]
    assert np.abs(in_parent).max() < 1.02
    assert not (in_parent > 0.01).all(axis=1).any()
    assert (np.abs(in_parent - [0, 0.5, 0.5]).max(axis=1) < 0.3).any()


@pytest.mark.parametrize("scale", [1e-4, 1e5])
def test_tiny_and_huge_objects_are_rendered(render, scale):
    where = Matrix.LocRotScale(Vector((3, -2, 5)) * scale, Euler((0.2, 0.4, 1.1)), Vector((2, 0.5, 1)) * scale)
    target = cube(where)
    nodes = Nodes(target)
    nodes.link(nodes.checker().outputs["Color"], nodes.color)
    made = render(target)
    is_red, is_clear = squares(made.places, where)
    assert len(made.places) > 500
    assert np.abs(made.linear - np.where(is_red[:, None], RED[:3], BLUE[:3]))[is_clear].max() < 0.01


def test_faces_at_places_that_are_no_numbers_are_left_out(render):
    target = cube()
    target.data.vertices.add(3)
    target.data.vertices[-1].co = float("nan"), 0, 0
    target.data.loops.add(3)
    target.data.loops.foreach_set("vertex_index", [*[loop.vertex_index for loop in target.data.loops][:-3], 8, 9, 10])
    target.data.polygons.add(1)
    target.data.polygons[-1].loop_start = len(target.data.loops) - 3
    target.data.update()
    nodes = Nodes(target)
    nodes.link(nodes.checker().outputs["Color"], nodes.color)
    made = render(target)
    is_red, is_clear = squares(made.places, WHERE)
    assert np.abs(made.linear - np.where(is_red[:, None], RED[:3], BLUE[:3]))[is_clear].max() < 0.01


def test_a_large_generated_image_is_rendered(render):
    target = cube()
    image = bpy.data.images.new("Large", 2100, 2100)
    image.generated_color = (0, 1, 0, 1)
    nodes = Nodes(target)
    texture = nodes.add("ShaderNodeTexImage")
    texture.image = image
    nodes.link(texture.outputs["Color"], nodes.color)
    assert np.abs(render(target).colors - [0, 1, 0]).max() < 1.01 / 255


def test_drivers_of_the_file_do_not_run_code_even_if_they_may_here(render, tmp_path, monkeypatch):
    monkeypatch.setattr(bpy.context.preferences.filepaths, "use_scripts_auto_execute", True)
    target, ran = cube(), tmp_path / "ran"
    nodes = Nodes(target)
    nodes.link(nodes.checker().outputs["Color"], nodes.color)
    target["value"] = 1.0
    driver = target.driver_add('["value"]').driver
    driver.type, driver.expression = "SCRIPTED", f"open({str(ran)!r}, 'w').close() or 1.0"
    bpy.context.view_layer.update()
    assert ran.exists()
    render(target, break_file=lambda folder: ran.unlink())
    assert not ran.exists()


def test_a_shape_that_differs_from_the_captured_one_is_refused(render):
    target = cube()
    nodes = Nodes(target)
    nodes.link(nodes.checker().outputs["Color"], nodes.color)

    def shrink(folder):
        path = folder / SETTINGS_FILE
        settings = json.loads(path.read_text())
        path.write_text(json.dumps(settings | {"high": [value + 1 for value in settings["high"]]}))

    with pytest.raises(ValueError, match="look different in a background Blender"):
        render(target, break_file=shrink)
