# SPDX-License-Identifier: GPL-3.0-or-later
"""Max Faces: a Decimate modifier that leaves the mesh itself unchanged."""

import bpy
import numpy as np
import pytest

from blender_text3d.geometry import Mesh
from blender_text3d.scene.decimate import faces_shown, set_decimate
from blender_text3d.scene.importer import Result, import_result
from blender_text3d.scene.recipe import recipe_of
from tests.blender.conftest import sphere_arrays


@pytest.fixture(scope="module")
def fine_mesh():
    """An ellipsoid of 9,360 faces, red above and blue below."""
    vertices, faces = sphere_arrays(rings=40, segments=120)
    colors = np.where(vertices[:, 2:] > 0.05, [[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]]).astype(np.float32)
    return Mesh(vertices=vertices, faces=faces, colors=colors)


def imported(mesh, max_faces, scene):
    result = Result("job-1", "a ball", {}, mesh, None, 1.0, (0, 0, 0), max_faces=max_faces)
    return import_result(result, scene)[0]


def evaluated(target):
    bpy.context.view_layer.update()
    return target.evaluated_get(bpy.context.evaluated_depsgraph_get()).data


@pytest.mark.parametrize("max_faces", [7000, 1000, 100])
def test_the_evaluated_mesh_has_almost_max_faces(scene, fine_mesh, max_faces):
    target = imported(fine_mesh, max_faces, scene)
    assert 0.9 * max_faces - 4 <= len(evaluated(target).polygons) <= max_faces
    assert len(target.data.polygons) == len(fine_mesh.faces)


@pytest.mark.parametrize("max_faces", [0, 20_000])
def test_a_mesh_below_the_limit_has_no_modifier(scene, fine_mesh, max_faces):
    assert not imported(fine_mesh, max_faces, scene).modifiers


def test_colors_are_kept_with_fewer_faces(scene, fine_mesh):
    data = evaluated(imported(fine_mesh, 1000, scene))
    colors, positions = np.empty(len(data.vertices) * 4, np.float32), np.empty(len(data.vertices) * 3, np.float32)
    data.attributes["Color"].data.foreach_get("color_srgb", colors)
    data.vertices.foreach_get("co", positions)
    colors, height = colors.reshape(-1, 4), positions.reshape(-1, 3)[:, 2]
    center = (height.min() + height.max()) / 2
    for far, color in ((height > center + 0.1, (1, 0, 0, 1)), (height < center - 0.1, (0, 0, 1, 1))):
        np.testing.assert_allclose(colors[far], np.tile(color, (far.sum(), 1)), atol=0.02)


def test_the_user_can_change_the_modifier(scene, fine_mesh):
    target = imported(fine_mesh, 1000, scene)
    target.modifiers["Text3D Most Faces"].ratio = 1.0
    assert len(evaluated(target).polygons) == len(fine_mesh.faces)


def test_regenerate_and_use_settings_repeat_it(addon, scene):
    addon.most_faces = 2
    bpy.ops.text3d.generate()
    (first,) = scene.objects
    addon.most_faces = 0
    bpy.ops.text3d.make_again(into="NEW")
    assert [[kind.type for kind in target.modifiers] for target in scene.objects] == [["DECIMATE"]] * 2
    assert recipe_of(first)["most_faces"] == 2
    bpy.ops.text3d.use_settings()
    assert addon.most_faces == 2


def grid(scene, count):
    """Return an object of so many triangles in a strip."""
    data = bpy.data.meshes.new("strip")
    corners = [(index // 2, index % 2, 0) for index in range(count + 2)]
    data.from_pydata(corners, [], [(index, index + 1, index + 2) for index in range(count)])
    target = bpy.data.objects.new("strip", data)
    scene.collection.objects.link(target)
    return target


@pytest.mark.parametrize(("max_faces", "ratios"), [(0, []), (-1, []), (1, [0.1]), (9, [0.9]), (10, []), (11, [])])
def test_only_a_mesh_of_more_faces_than_the_limit_gets_the_modifier(scene, max_faces, ratios):
    target = grid(scene, 10)
    set_decimate(target, max_faces)
    assert [modifier.ratio for modifier in target.modifiers] == pytest.approx(ratios)
    for modifier in target.modifiers:
        assert (modifier.name, modifier.type, modifier.decimate_type) == ("Text3D Most Faces", "DECIMATE", "COLLAPSE")


def test_the_faces_shown_are_unknown_without_a_working_modifier(scene):
    target = grid(scene, 10)
    assert faces_shown(target) is None
    target.modifiers.new("Text3D Most Faces", "BEVEL")
    assert faces_shown(target) is None
    target.modifiers.clear()
    set_decimate(target, 4)
    assert faces_shown(target) is None
    bpy.context.view_layer.update()
    assert faces_shown(target) == len(evaluated(target).polygons)
    target.modifiers[0].show_viewport = False
    assert faces_shown(target) is None
