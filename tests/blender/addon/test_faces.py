# SPDX-License-Identifier: GPL-3.0-or-later
"""The Faces slider and Set Faces: a Decimate modifier on all selected meshes, and its application."""

import bpy
import pytest

from blender_text3d.scene.decimate import decimate_modifier, face_limit, triangle_count
from blender_text3d.scene.version_list import version_count
from tests.blender.recording_layout import drawn

NAME = "Text3D Most Faces"


def add_ball(name="ball", subdivisions=3, x=0.0):
    """Add a selected sphere of 20 x 4 ** (subdivisions - 1) triangles."""
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=subdivisions, location=(x, 0, 0))
    target = bpy.context.object
    target.name = target.data.name = name
    return target


def select(*targets):
    bpy.ops.object.select_all(action="DESELECT")
    for target in targets:
        target.select_set(True)
    bpy.context.view_layer.objects.active = targets[0]


def shown(target):
    bpy.context.view_layer.update()
    data = target.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    return triangle_count(data)


def test_the_slider_changes_all_selected_meshes_at_once(addon, scene):
    first, second, other = add_ball("first"), add_ball("second", 4), add_ball("other")
    select(first, second)
    assert (scene.text3d_faces, scene.text3d_face_share) == (320, 100)
    scene.text3d_faces = 100
    assert [face_limit(target) for target in (first, second, other)] == [100, 100, 320]
    assert abs(shown(first) - 100) <= 2
    assert abs(shown(second) - 100) <= 2
    scene.text3d_face_share = 25
    assert [face_limit(target) for target in (first, second, other)] == [80, 320, 320]
    assert (scene.text3d_faces, round(scene.text3d_face_share, 3)) == (80, 25)
    assert len(first.data.polygons) == 320


def test_all_faces_remove_the_modifier(addon, scene):
    target = add_ball()
    scene.text3d_face_share = 50
    assert [modifier.name for modifier in target.modifiers] == [NAME]
    scene.text3d_face_share = 100
    assert not target.modifiers
    scene.text3d_faces = 10
    scene.text3d_faces = 320
    assert not target.modifiers


@pytest.mark.parametrize(("faces", "limit"), [(0, 4), (3, 4), (10**9, 320)])
def test_a_budget_that_no_mesh_can_have_is_taken_as_the_nearest_one(addon, scene, faces, limit):
    target = add_ball()
    scene.text3d_faces = faces
    assert scene.text3d_faces == face_limit(target) == limit
    assert bpy.ops.text3d.set_faces(faces=faces) == {"FINISHED"}
    assert face_limit(target) == limit
    assert 0 < shown(target) <= limit


def test_quads_are_counted_as_the_triangles_they_become(addon, scene):
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=20, y_subdivisions=20)
    assert scene.text3d_faces == 800
    scene.text3d_faces = 200
    assert abs(shown(bpy.context.object) - 200) <= 8


def test_the_modifier_comes_before_those_that_add_faces(addon, scene):
    target = add_ball()
    target.modifiers.new("Subdivision", "SUBSURF")
    scene.text3d_faces = 80
    assert [modifier.type for modifier in target.modifiers] == ["DECIMATE", "SUBSURF"]
    assert scene.text3d_faces == 80


def test_what_the_user_made_of_the_modifier_is_set_right_by_the_next_change(addon, scene):
    target = add_ball()
    scene.text3d_faces = 80
    target.modifiers[0].decimate_type, target.modifiers[0].show_viewport = "DISSOLVE", False
    scene.text3d_faces = 40
    assert abs(shown(target) - 40) <= 2


def test_a_modifier_of_the_same_name_and_another_kind_stays(addon, scene):
    target = add_ball()
    target.modifiers.new(NAME, "BEVEL")
    scene.text3d_faces = 80
    scene.text3d_faces = 40
    assert abs(face_limit(target) - 40) <= 1
    assert [modifier.type for modifier in target.modifiers] == ["DECIMATE", "BEVEL"]


def test_apply_makes_the_mesh_itself_smaller_and_leaves_other_modifiers(addon, scene):
    target = add_ball()
    target.modifiers.new("Subdivision", "SUBSURF")
    target.vertex_groups.new(name="top").add([0, 1], 1.0, "REPLACE")
    data = target.data
    assert bpy.ops.text3d.set_faces(by="SHARE", share=25, is_applied=True) == {"FINISHED"}
    assert abs(len(target.data.polygons) - 80) <= 2
    assert [modifier.type for modifier in target.modifiers] == ["SUBSURF"]
    assert [group.name for group in target.vertex_groups] == ["top"]
    assert target.data.name == "ball"
    with pytest.raises(ReferenceError):
        assert data.name


def test_apply_keeps_the_full_mesh_of_a_generated_object_as_a_version(addon, scene, mesh):
    from blender_text3d.scene.importer import Result, import_result
    from blender_text3d.scene.recipe import recipe_of

    (target,) = import_result(Result("job-1", "a ball", {"prompt": "a ball"}, mesh, None, 1.0, (0, 0, 0)), scene)
    select(target)
    scene.text3d_faces = 100
    assert bpy.ops.text3d.set_faces(by="CURRENT", is_applied=True) == {"FINISHED"}
    assert abs(len(target.data.polygons) - 100) <= 2
    assert (version_count(target), recipe_of(target)) == (2, {"prompt": "a ball"})
    assert target.data.color_attributes["Color"]
    bpy.ops.text3d.previous_version()
    assert len(target.data.polygons) == len(mesh.faces)
    assert decimate_modifier(target) is None


def test_objects_that_share_a_mesh_keep_it_unless_they_are_selected(addon, scene):
    target = add_ball()
    twin = bpy.data.objects.new("twin", target.data)
    scene.collection.objects.link(twin)
    select(target)
    bpy.ops.text3d.set_faces(faces=80, is_applied=True)
    assert abs(len(target.data.polygons) - 80) <= 2
    assert len(twin.data.polygons) == 320


def test_objects_that_cannot_be_changed_are_named_in_one_sentence(addon, scene, capfd):
    target, keyed = add_ball("good"), add_ball("keyed")
    keyed.shape_key_add(name="Basis")
    bpy.ops.object.camera_add()
    select(target, keyed, scene.objects["Camera"])
    assert bpy.ops.text3d.set_faces(faces=80, is_applied=True) == {"FINISHED"}
    text = capfd.readouterr().out
    assert 'Skipped "Camera" (not a mesh), "keyed" (with shape keys, which would be lost).' in text or (
        'Skipped "keyed" (with shape keys, which would be lost), "Camera" (not a mesh).' in text
    )
    assert abs(len(target.data.polygons) - 80) <= 2
    select(keyed)
    with pytest.raises(RuntimeError, match=r'Skipped "keyed" \(with shape keys, which would be lost\)'):
        bpy.ops.text3d.set_faces(faces=80, is_applied=True)
    assert bpy.ops.text3d.set_faces(faces=80) == {"FINISHED"}
    assert abs(shown(keyed) - 80) <= 2


def test_linked_objects_are_left_alone(addon, scene, link_all):
    add_ball()
    (linked,) = link_all()
    scene.collection.objects.link(linked)
    select(linked)
    scene.text3d_faces = 20
    assert not linked.modifiers
    with pytest.raises(RuntimeError, match="linked from another file"):
        bpy.ops.text3d.set_faces(faces=80)


def test_the_operator_needs_object_mode_and_an_object(addon, scene):
    assert not bpy.ops.text3d.set_faces.poll()
    add_ball()
    assert bpy.ops.text3d.set_faces.poll()
    bpy.ops.object.mode_set(mode="EDIT")
    assert not bpy.ops.text3d.set_faces.poll()
    scene.text3d_faces = 20
    bpy.ops.object.mode_set(mode="OBJECT")
    assert not bpy.context.object.modifiers


def test_the_panel_of_any_mesh_shows_its_faces_and_apply_once_they_are_fewer(addon, scene):
    add_ball()
    assert "\nFaces\nShare of Faces" in drawn()
    assert "\nFaces\nApply" not in drawn()
    scene.text3d_faces = 80
    assert "\nFaces\nApply\nShare of Faces" in drawn()
    bpy.ops.object.mode_set(mode="EDIT")
    assert "Requires Object Mode" in drawn()
    bpy.ops.object.mode_set(mode="OBJECT")
