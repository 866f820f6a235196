# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation of objects in steps of 90 degrees, and in their recipes."""

import bpy
import numpy as np
import pytest

from blender_text3d.addon.jobs import from_recipe, submit
from blender_text3d.geometry.placement import placement_of, rotated
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.scene.importer import Result, import_result
from blender_text3d.scene.names import RECIPE
from blender_text3d.scene.point_cloud import new_vertex_cloud
from blender_text3d.scene.preview_object import show_preview
from blender_text3d.scene.recipe import recipe_of, write_recipe
from blender_text3d.scene.rotate import rotate_objects
from tests.blender.scene.test_import import points_of


def result_of(rotation_deg=0, **geometry):
    geometry = {"mesh": None, "cloud": None} | geometry
    recipe = {"prompt": "a red chair", "turn_deg": rotation_deg}
    return Result("job-1", "a red chair", recipe, size=1.0, location=(1, 2, 3), rotation_deg=rotation_deg, **geometry)


def select(*targets):
    bpy.context.view_layer.update()
    for target in bpy.context.view_layer.objects:
        target.select_set(target in targets)
    bpy.context.view_layer.objects.active = targets[0]


def test_a_rotation_by_90_degrees_moves_the_front_to_the_right_and_keeps_up():
    towards_you = np.array([[0.0, -1.0, 0.5]], np.float32)
    np.testing.assert_array_equal(rotated(towards_you, 90), [[1.0, 0.0, 0.5]])
    np.testing.assert_array_equal(rotated(towards_you, 180), [[0.0, 1.0, 0.5]])
    np.testing.assert_array_equal(rotated(towards_you, 270), [[-1.0, 0.0, 0.5]])


@pytest.mark.parametrize("kind", ["mesh", "cloud"])
@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_a_result_with_a_rotation_is_imported_rotated(scene, mesh, cloud, kind, rotation_deg):
    geometry = {kind: {"mesh": mesh, "cloud": cloud}[kind]}
    (straight,) = import_result(result_of(**geometry), scene)
    (target,) = import_result(result_of(rotation_deg, **geometry), scene)
    np.testing.assert_array_equal(points_of(target), rotated(points_of(straight), rotation_deg))
    assert tuple(target.location) == (1, 2, 3)
    assert tuple(target.rotation_euler) == (0, 0, 0)


def test_a_preview_is_rotated_like_its_object(scene, mesh):
    names = {"name": "a red chair", "size": 1.0, "location": (0, 0, 0), "scene": scene}
    straight = points_of(show_preview("job-1", geometry=mesh, **names))
    target = show_preview("job-2", geometry=mesh, rotation_deg=90, **names)
    np.testing.assert_array_equal(points_of(target), rotated(straight, 90))


@pytest.mark.parametrize("kind", ["mesh", "cloud", "vertex cloud"])
def test_rotating_a_finished_object_equals_importing_it_rotated(scene, mesh, cloud, kind):
    if kind == "vertex cloud":
        points = placement_of(cloud.points, 1.0).apply(cloud.points)
        target = new_vertex_cloud("points", points, cloud.colors, 0.01)
        write_recipe(target, "job-1", {"prompt": "a red chair"})
    else:
        (target,) = import_result(result_of(**{kind: {"mesh": mesh, "cloud": cloud}[kind]}), scene)
    straight = points_of(target)
    for rotation_deg in (90, 180, 270, 0):
        assert rotate_objects([target]) == ([target], [])
        np.testing.assert_array_equal(points_of(target), rotated(straight, rotation_deg))
        assert recipe_of(target)["turn_deg"] == rotation_deg


def test_a_moved_and_rotated_object_keeps_its_transform(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    target.location, target.rotation_euler, target.scale = (4, 5, 6), (0.1, 0.2, 0.3), (1, 2, 3)
    before = target.matrix_basis.copy()
    rotate_objects([target])
    assert target.matrix_basis == before


def test_shape_keys_are_rotated_too(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    target.shape_key_add(name="Basis")
    key = target.shape_key_add(name="tall")
    key.data[5].co.z += 1
    before = np.array([point.co for point in key.data], np.float32)
    rotate_objects([target])
    np.testing.assert_array_equal(np.array([point.co for point in key.data], np.float32), rotated(before, 90))


def test_data_shared_by_two_selected_objects_is_rotated_once(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    twin = target.copy()
    scene.collection.objects.link(twin)
    before = points_of(target)
    assert rotate_objects([target, twin]) == ([target, twin], [])
    np.testing.assert_array_equal(points_of(target), rotated(before, 90))
    assert recipe_of(target)["turn_deg"] == recipe_of(twin)["turn_deg"] == 90


def test_data_shared_with_another_object_is_not_rotated_and_a_message_says_why(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    twin = target.copy()
    twin.name = "twin"
    before = points_of(target)
    turned_ones, refused = rotate_objects([target])
    assert not turned_ones
    assert refused == ['"a red chair" shares its data with "twin". Select both, or make it single-user.']
    np.testing.assert_array_equal(points_of(target), before)
    assert recipe_of(target)["turn_deg"] == 0


def test_linked_data_is_not_rotated_and_a_message_says_why(scene, mesh, tmp_path):
    import_result(result_of(mesh=mesh), scene)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
    with bpy.data.libraries.load(path, link=True) as (there, here):
        here.objects = there.objects
    _, refused = rotate_objects(here.objects)
    assert refused == ['"a red chair" is linked from another file. Rotate it there.']


def test_an_object_converted_to_a_curve_is_not_rotated_and_a_message_says_why(scene):
    target = bpy.data.objects.new("a red chair", bpy.data.curves.new("curve", "CURVE"))
    write_recipe(target, "job-1", {"prompt": "a red chair"})
    assert "is not a mesh or point cloud" in rotate_objects([target])[1][0]


def test_an_invalid_rotation_in_a_recipe_counts_as_none(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    target[RECIPE] = '{"prompt": "a chair", "turn_deg": ["90"]}'
    rotate_objects([target])
    assert recipe_of(target)["turn_deg"] == 90


@pytest.mark.parametrize(
    ("before", "after"), [("0", 90), ("90", 180), ("270", 0), ("90.0", 180), ("45", 90), ('"90"', 90), ("null", 90)]
)
def test_the_recipe_counts_in_quarter_turns(scene, mesh, before, after):
    (target,) = import_result(result_of(mesh=mesh), scene)
    target[RECIPE] = f'{{"prompt": "كرسي", "turn_deg": {before}}}'
    rotate_objects([target])
    assert target[RECIPE] == f'{{\n "prompt": "كرسي",\n "turn_deg": {after}\n}}'


def test_a_recipe_without_a_rotation_counts_from_none(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    target[RECIPE] = '{"prompt": "a chair"}'
    rotate_objects([target])
    assert recipe_of(target) == {"prompt": "a chair", "turn_deg": 90}


def test_one_object_that_cannot_be_rotated_does_not_keep_the_others_from_it(scene, mesh):
    targets = [import_result(result_of(mesh=mesh), scene)[0] for _ in range(3)]
    bpy.data.objects.new("twin", targets[1].data)
    rotated_targets, errors = rotate_objects(targets)
    assert rotated_targets == [targets[0], targets[2]]
    assert len(errors) == 1
    assert [recipe_of(target)["turn_deg"] for target in targets] == [90, 0, 90]


def test_an_object_without_a_recipe_is_passed_over(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    del target[RECIPE]
    before = points_of(target)
    assert rotate_objects([target]) == ([], [])
    np.testing.assert_array_equal(points_of(target), before)


def test_a_local_object_of_linked_data_is_not_rotated(scene, mesh, link_all):
    import_result(result_of(mesh=mesh), scene)
    (linked,) = link_all()
    local = bpy.data.objects.new("mine", linked.data)
    write_recipe(local, "job-1", {"prompt": "a red chair"})
    assert rotate_objects([local]) == ([], ['"mine" is linked from another file. Rotate it there.'])


def test_an_object_in_edit_mode_is_not_rotated_and_a_message_says_why(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    select(target)
    bpy.ops.object.mode_set(mode="EDIT")
    assert rotate_objects([target]) == ([], ['"a red chair" is in Edit Mode. Switch to Object Mode.'])
    bpy.ops.object.mode_set(mode="OBJECT")
    assert recipe_of(target)["turn_deg"] == 0


@pytest.mark.parametrize("outputs", ["mesh", "cloud"])
def test_regenerate_after_a_rotation_gives_the_same_geometry(addon, scene, outputs):
    addon.outputs = outputs
    bpy.ops.text3d.generate()
    (first,) = scene.objects
    straight = points_of(first)
    assert bpy.ops.text3d.turn() == {"FINISHED"}
    np.testing.assert_array_equal(points_of(first), rotated(straight, 90))
    bpy.ops.text3d.make_again(into="NEW")
    second = next(target for target in scene.objects if target != first)
    np.testing.assert_array_equal(points_of(second), points_of(first))
    assert recipe_of(second)["turn_deg"] == 90


def test_refine_keeps_the_rotation(addon, scene, monkeypatch):
    submitted = []
    monkeypatch.setattr(submit, "submit", lambda requests, *_, **__: submitted.extend(requests))
    recipe = {
        "prompt": "a red chair", "model": "mini/shap-e", "seed": 1, "quality": "draft", "steps": 4, "guidance": 2.0,
        "grid": 32, "outputs": "mesh", "size_m": 1.0, "turn_deg": 270, "most_faces": 50,
    }  # fmt: skip
    from_recipe.regenerate(recipe, scene, grid=64)
    assert [(request.rotation_deg, request.max_faces, request.grid) for request in submitted] == [(270, 50, 64)]


def test_the_rotation_of_the_panel_is_applied_and_use_settings_restores_it(addon, scene):
    addon.turn = "180"
    bpy.ops.text3d.generate()
    assert recipe_of(scene.objects[0])["turn_deg"] == 180
    addon.turn = "0"
    bpy.ops.text3d.use_settings()
    assert addon.turn == "180"


def test_a_recipe_without_a_rotation_is_not_rotated(addon, scene):
    bpy.ops.text3d.generate()
    (first,) = scene.objects
    old = {name: value for name, value in recipe_of(first).items() if name not in ("turn_deg", "most_faces")}
    write_recipe(first, first["text3d_job_id"], old)
    addon.turn = "90"
    bpy.ops.text3d.make_again(into="NEW")
    second = next(target for target in scene.objects if target != first)
    np.testing.assert_array_equal(points_of(second), points_of(first))
    bpy.ops.text3d.use_settings()
    assert addon.turn == "0"


def test_a_recipe_with_an_unsupported_rotation_is_refused_with_a_message(addon, scene):
    bpy.ops.text3d.generate()
    (first,) = scene.objects
    first[RECIPE] = first[RECIPE].replace('"turn_deg": 0', '"turn_deg": 45')
    with pytest.raises(RuntimeError, match="There is no rotation 45. Choose one of: 0, 90, 180, 270"):
        bpy.ops.text3d.make_again(into="NEW")
    with pytest.raises(BadRequest):
        submit.make_requests("a chair", rotation_deg=True)


def test_rotating_is_one_undo_step(addon, scene):
    bpy.ops.text3d.generate()
    before = points_of(scene.objects[0])
    bpy.ops.text3d.turn("EXEC_DEFAULT", True)
    bpy.ops.ed.undo()
    (target,) = bpy.context.scene.objects
    np.testing.assert_array_equal(points_of(target), before)
    assert recipe_of(target)["turn_deg"] == 0


def test_all_selected_generated_objects_rotate_and_other_objects_do_not(addon, scene):
    addon.count = 2
    bpy.ops.text3d.generate()
    bpy.ops.mesh.primitive_cube_add(location=(9, 0, 0))
    cube = bpy.context.object
    ours = [target for target in scene.objects if target != cube]
    cube.data.vertices[0].co.x = 7
    select(*ours, cube)
    bpy.ops.text3d.turn()
    assert [recipe_of(target)["turn_deg"] for target in ours] == [90, 90]
    assert cube.data.vertices[0].co.x == 7


def test_in_edit_mode_the_button_is_disabled(addon, scene):
    bpy.ops.text3d.generate()
    assert bpy.ops.text3d.turn.poll()
    bpy.ops.object.mode_set(mode="EDIT")
    assert not bpy.ops.text3d.turn.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
