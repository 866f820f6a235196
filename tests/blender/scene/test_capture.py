# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured images: what is in them, that the background is transparent, and that nothing is left behind."""

import math

import bpy
import numpy as np
import pytest
from mathutils import Euler

from blender_text3d.scene import capture, studio
from blender_text3d.scene.capture import SIDE, CaptureError, capture_camera, capture_objects, straight_alpha
from blender_text3d.scene.importer import Result, import_result

KINDS = ("objects", "meshes", "cameras", "lights", "worlds", "scenes", "materials")


@pytest.fixture(autouse=True)
def quick(scene, monkeypatch):
    """Cycles as in a factory Blender, with images small enough for tests."""
    import addon_utils

    addon_utils.enable("cycles")
    monkeypatch.setattr(capture, "SIDE", 64)
    monkeypatch.setattr(studio, "SAMPLES", 4)


def cube(scene, size=2.0, location=(0, 0, 0), color=(1, 0, 0, 1)):
    """Add a cube with a material of one color."""
    bpy.ops.mesh.primitive_cube_add(size=size, location=location)
    target = scene.objects[-1]
    material = bpy.data.materials.new("plain")
    if material.node_tree is None:
        material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = color
    target.data.materials.append(material)
    return target


def counts():
    return {kind: len(getattr(bpy.data, kind)) for kind in KINDS}


def mean_color(pixels):
    return pixels[pixels[..., 3] == 255][:, :3].mean(axis=0)


def test_a_selected_object_is_rendered_alone_in_its_color_on_a_transparent_background(scene):
    red = cube(scene)
    cube(scene, location=(0, 0, 2.5), color=(0, 0, 1, 1))
    before = counts()
    pixels = capture_objects([red])
    assert pixels.shape == (64, 64, 4)
    assert pixels[0, 0, 3] == pixels[-1, -1, 3] == 0
    assert pixels[32, 32, 3] == 255
    color = mean_color(pixels)
    assert color[0] > 100
    assert color[0] > 3 * color[2]
    assert counts() == before
    assert [window for window in bpy.data.scenes] == [scene]


@pytest.mark.parametrize("size", [0.001, 1.0, 5000.0])
def test_an_object_of_any_size_fills_the_image_without_being_cut(scene, size):
    alpha = capture_objects([cube(scene, size, location=(3 * size, 0, 0))])[..., 3]
    assert 0.2 < (alpha > 127).mean() < 0.8
    assert not alpha[[0, -1]].any()
    assert not alpha[:, [0, -1]].any()


def test_the_top_of_an_object_is_at_the_top_of_its_image(scene):
    bpy.ops.mesh.primitive_cone_add()
    alpha = capture_objects([scene.objects[-1]])[..., 3] > 127
    widths = alpha.sum(axis=1)[alpha.any(axis=1)]
    assert widths[:5].mean() < widths[-15:-5].mean() / 2


def test_the_rotation_of_a_view_decides_from_where_an_object_is_seen(scene):
    flat = cube(scene)
    flat.scale = (1, 1, 0.02)
    from_top, from_side = (
        capture_objects([flat], Euler((angle, 0, 0)).to_matrix())[..., 3] > 127 for angle in (0, math.pi / 2)
    )
    assert from_top.sum() > 10 * from_side.sum() > 0


def test_generated_meshes_and_clouds_show_their_colors(scene, mesh, cloud):
    green = np.tile(np.float32([0.1, 0.8, 0.1]), (len(mesh.vertices), 1))
    colored = Result("job", "a", {}, type(mesh)(mesh.vertices, mesh.faces, green), None, 1.0, (0, 0, 0))
    points = Result("job", "b", {}, None, type(cloud)(cloud.points, green), 1.0, (5, 0, 0))
    for result in (colored, points):
        color = mean_color(capture_objects(import_result(result, scene)))
        assert color[1] > 2 * max(color[0], color[2])


def test_the_camera_of_the_scene_keeps_its_frame(scene):
    cube(scene)
    scene.render.resolution_x, scene.render.resolution_y = 1920, 960
    bpy.ops.object.camera_add(location=(0, -10, 0), rotation=(math.pi / 2, 0, 0))
    scene.camera = scene.objects[-1]
    before = counts()
    pixels = capture_camera(scene)
    assert pixels.shape == (32, 64, 4)
    assert pixels[16, 32, 3] == 255
    assert pixels[0, 0, 3] == 0
    assert counts() == before
    assert (scene.render.resolution_x, scene.render.film_transparent) == (1920, False)


def test_what_is_hidden_in_renders_is_not_in_the_camera_image(scene):
    cube(scene).hide_render = True
    bpy.ops.object.camera_add(location=(0, -10, 0), rotation=(math.pi / 2, 0, 0))
    scene.camera = scene.objects[-1]
    with pytest.raises(CaptureError, match="The camera sees nothing"):
        capture_camera(scene)


def test_a_scene_without_camera_says_what_to_add(scene):
    with pytest.raises(CaptureError, match="no camera"):
        capture_camera(scene)


def test_nothing_selected_and_objects_without_surface_are_refused_and_leave_nothing(scene):
    with pytest.raises(CaptureError, match="No object is selected"):
        capture_objects([])
    bpy.ops.object.empty_add()
    before = counts()
    with pytest.raises(CaptureError, match='"Empty" has no surface'):
        capture_objects([scene.objects[-1]])
    assert counts() == before


def test_premultiplied_colors_become_straight():
    pixels = np.uint8([[[100, 50, 0, 128], [10, 20, 30, 255], [0, 0, 0, 0]]])
    assert straight_alpha(pixels).tolist() == [[[199, 100, 0, 128], [10, 20, 30, 255], [0, 0, 0, 0]]]


def test_images_are_large_enough_for_every_image_model():
    assert SIDE >= 224
