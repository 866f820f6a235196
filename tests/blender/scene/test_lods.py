# SPDX-License-Identifier: GPL-3.0-or-later
"""Levels of detail: names, faces, colors and places of the objects that are made."""

import bpy
import pytest

from blender_text3d.scene.decimate import set_face_limit
from blender_text3d.scene.lods import Lods, lod_name, make_lods, reason_without_lods
from tests.blender.mesh_measures import add_colored_ball, difference


@pytest.fixture
def ball(scene):
    target = add_colored_ball(5)
    target.data.materials.append(bpy.data.materials.new("paint"))
    target.location, target.scale = (1, 2, 3), (2, 2, 2)
    bpy.context.view_layer.update()
    return target


def faces_of(levels):
    return [len(level.data.polygons) for level in levels]


def test_levels_have_the_names_and_faces_that_engines_expect(ball):
    levels = make_lods(ball, Lods(levels=3, factor=0.5))
    assert [level.name for level in levels] == ["ball_LOD0", "ball_LOD1", "ball_LOD2", "ball_LOD3"]
    assert [level.data.name for level in levels] == [level.name for level in levels]
    assert faces_of(levels) == pytest.approx([5120, 2560, 1280, 640], rel=0.01)
    assert not ball.modifiers
    assert len(ball.data.polygons) == 5120


def test_levels_share_the_material_and_keep_colors_and_uv_maps(ball):
    levels = make_lods(ball, Lods(levels=2))
    for level, most in zip(levels, (0.001, 3, 6), strict=True):
        assert level.data.materials[:] == ball.data.materials[:]
        assert [layer.name for layer in level.data.uv_layers] == [layer.name for layer in ball.data.uv_layers]
        assert difference(ball.data, level.data).color <= most


def test_levels_are_hidden_in_the_place_of_the_object_in_a_collection(ball, scene):
    levels = make_lods(ball, Lods())
    bpy.context.view_layer.update()
    assert {level.users_collection[0].name for level in levels} == {"ball LODs"}
    assert scene.collection.children["ball LODs"]
    for level in levels:
        assert level.matrix_world == ball.matrix_world
        assert not level.visible_get()
        assert level.hide_render
    (group,) = {level.parent for level in levels}
    assert (group.type, group["fbx_type"]) == ("EMPTY", "LodGroup")


def test_a_row_is_visible_beside_the_object(ball):
    levels = make_lods(ball, Lods(levels=2, in_row=True, in_collection=False))
    bpy.context.view_layer.update()
    assert all(level.visible_get() for level in levels)
    assert levels[0].users_collection[:] == ball.users_collection[:]
    places = [ball.matrix_world.translation.x, *(level.matrix_world.translation.x for level in levels)]
    assert all(after - before > 4 for before, after in zip(places, places[1:], strict=False))


def test_making_them_again_replaces_them(ball):
    make_lods(ball, Lods(levels=3))
    kept = {name: len(getattr(bpy.data, name)) for name in ("objects", "meshes", "collections")}
    levels = make_lods(ball, Lods(levels=3, factor=0.25))
    assert {name: len(getattr(bpy.data, name)) for name in kept} == kept
    assert [level.name for level in levels] == [f"ball_LOD{level}" for level in range(4)]
    assert faces_of(levels) == pytest.approx([5120, 1280, 320, 80], rel=0.05)


def test_levels_are_made_of_what_is_shown(ball):
    set_face_limit(ball, 1000)
    ball.shape_key_add(name="Basis")
    ball.shape_key_add(name="High").data[0].co.z = 9
    ball.data.shape_keys.key_blocks["High"].value = 1
    bpy.context.view_layer.update()
    levels = make_lods(ball, Lods(levels=1))
    assert faces_of(levels) == pytest.approx([1000, 500], rel=0.02)
    assert max(vertex.co.z for vertex in levels[0].data.vertices) > 5


def test_a_tiny_mesh_keeps_some_faces_in_every_level(scene):
    bpy.ops.mesh.primitive_cube_add()
    assert min(faces_of(make_lods(bpy.context.object, Lods(levels=5, factor=0.05)))) > 0


def test_a_name_that_another_object_has_is_said(ball):
    assert reason_without_lods(ball) == ""
    other = bpy.data.objects.new("ball_LOD1", None)
    assert reason_without_lods(ball) == 'whose "ball_LOD1" is the name of another object'
    bpy.data.objects.remove(other)
    levels = make_lods(ball, Lods())
    assert reason_without_lods(ball) == ""
    assert reason_without_lods(levels[1]) == "itself a level of detail"


def test_a_long_name_is_cut_so_that_the_levels_differ(ball):
    ball.name = "ü" * 31
    levels = make_lods(ball, Lods())
    assert [level.name for level in levels] == [lod_name(ball, level) for level in range(4)]
    assert all(level.name.endswith(f"_LOD{row}") for row, level in enumerate(levels))


def test_materials_that_are_linked_to_the_object_are_those_of_the_levels(ball):
    ball.material_slots[0].link = "OBJECT"
    ball.material_slots[0].material = bpy.data.materials.new("own")
    for level in make_lods(ball, Lods()):
        assert level.material_slots[0].material.name == "own"
