# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps shown by a modifier in place of an object, and their keyframes."""

import bpy
import numpy as np
import pytest

from blender_text3d.geometry import Mesh, PointCloud
from blender_text3d.geometry.placement import placement_of
from blender_text3d.scene.fcurves import curves_of
from blender_text3d.scene.names import JOB_ID, STEPS_NODES
from blender_text3d.scene.steps import (
    add_steps,
    remove_steps,
    show_step,
    shown_step,
    step_count,
    step_path,
    step_property,
    steps_job,
    steps_modifier,
)
from blender_text3d.scene.steps_animation import key_steps
from blender_text3d.scene.steps_nodes import steps_nodes

COUNT = 12


def step_mesh(number):
    """A mesh of `number` triangles with a color of its own."""
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1]], np.float32)
    vertices = np.concatenate([corners + (0, index, 0) for index in range(number)]).astype(np.float32)
    colors = np.full((len(vertices), 3), number / COUNT, np.float32)
    return Mesh(vertices, np.arange(3 * number, dtype=np.int32).reshape(-1, 3), colors)


EMPTY = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), np.zeros((0, 3), np.float32))
STEPS = [EMPTY, *map(step_mesh, range(2, COUNT + 1))]
PLACEMENT = placement_of(STEPS[-1].vertices, 2.0)


@pytest.fixture
def target(scene):
    bpy.ops.mesh.primitive_cube_add(size=1)
    cube = bpy.context.object
    add_steps(cube, "job-1", STEPS, PLACEMENT)
    return cube


def evaluated(target):
    bpy.context.view_layer.update()
    return target.evaluated_get(bpy.context.evaluated_depsgraph_get()).data


def test_the_last_step_is_the_object_itself_and_the_others_are_what_the_model_saw(target):
    assert (step_count(target), shown_step(target), steps_job(target)) == (COUNT, COUNT, "job-1")
    assert len(evaluated(target).polygons) == 6
    for number in (1, 2, 9, 10, 11):
        show_step(target, number)
        assert len(evaluated(target).polygons) == (number if number > 1 else 0)
    color = evaluated(target).attributes["Color"].data[0].color_srgb
    assert color[0] == pytest.approx(11 / COUNT, abs=0.005)
    assert len(target.data.polygons) == 6


def test_the_slider_shows_and_sets_the_step(target):
    data, name = step_property(steps_modifier(target))
    show_step(target, 4)
    assert data.path_resolve(name) == target.path_resolve(step_path(steps_modifier(target))) == 4


def test_steps_stand_where_the_object_does_and_share_one_material(target):
    show_step(target, COUNT - 1)
    seen = np.array([vertex.co for vertex in evaluated(target).vertices])
    assert np.allclose(seen, PLACEMENT.apply(STEPS[-2].vertices), atol=1e-5)
    materials = {item.data.materials[0] for item in steps_collection(target).objects}
    assert len(materials) == 1


def steps_collection(target):
    return next(item for item in bpy.data.collections if item.get(JOB_ID) == "job-1")


def test_removing_them_leaves_the_file_as_it_was(target):
    key_steps(target, 1, 2)
    path = step_path(steps_modifier(target))
    curves = [curve for _, curve in curves_of(target, path)]
    assert [{point.interpolation for point in curve.keyframe_points} for curve in curves] == [{"CONSTANT"}]
    remove_steps(target)
    assert list(curves_of(target, path)) == []
    assert steps_modifier(target) is None
    assert len(evaluated(target).polygons) == 6
    assert [item.name for item in bpy.data.objects] == ["Cube"]
    assert [item.name for item in bpy.data.meshes] == ["Cube"]
    assert len(bpy.data.collections) == 0
    remove_steps(target)


def test_a_copy_keeps_the_steps_that_its_original_loses(target):
    copy = target.copy()
    bpy.context.scene.collection.objects.link(copy)
    remove_steps(target)
    show_step(copy, 5)
    assert len(evaluated(copy).polygons) == 5


def test_showing_them_again_replaces_them(target):
    add_steps(target, "job-2", STEPS[-3:], PLACEMENT)
    assert (step_count(target), steps_job(target)) == (3, "job-2")
    assert len([modifier for modifier in target.modifiers if modifier.type == "NODES"]) == 1
    assert len(bpy.data.collections) == 1


def test_clouds_are_shown_as_small_tetrahedra(target):
    points = np.random.default_rng(1).random((3000, 3), np.float32)
    add_steps(target, "job-1", [PointCloud(points, points), PointCloud(points[:100], points[:100])], PLACEMENT)
    show_step(target, 1)
    assert 500 * 4 <= len(evaluated(target).polygons) <= 1024 * 4


def test_each_step_is_keyed_without_a_transition_and_older_keys_are_replaced(target):
    scene = bpy.context.scene
    key_steps(target, 1, 1)
    assert key_steps(target, 10, 3) == 10 + 3 * (COUNT - 1)
    shown = []
    for frame in (1, 10, 12, 13, 15, 16, 42, 43, 90):
        scene.frame_set(frame)
        shown.append(len(evaluated(target).polygons))
    assert shown == [0, 0, 0, 2, 2, 3, 11, 6, 6]


def test_a_saved_animation_plays_without_the_add_on(target, tmp_path):
    key_steps(target, 1, 2)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "steps.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "steps.blend"))
    cube = bpy.data.objects["Cube"]
    counts = []
    for frame in (3, 9, 40):
        bpy.context.scene.frame_set(frame)
        counts.append(len(evaluated(cube).polygons))
    assert counts == [2, 5, 6]


def test_a_node_group_of_that_name_that_is_another_one_is_not_used(scene):
    other = bpy.data.node_groups.new(f"{STEPS_NODES} 4", "GeometryNodeTree")
    made = steps_nodes(4)
    assert made != other
    assert steps_nodes(7) == steps_nodes(7)


def test_a_modifier_that_lost_its_steps_counts_as_none(target):
    bpy.data.collections.remove(steps_collection(target))
    assert steps_modifier(target) is None
    assert (step_count(target), shown_step(target), steps_job(target)) == (0, 0, "")


def test_a_new_result_is_not_hidden_by_a_step_of_the_earlier_one(addon, scene, mesh):
    from blender_text3d.scene.importer import Result, import_result
    from blender_text3d.scene.replace import replace_with_result

    first, second = (Result(job_id, "a ball", {}, mesh, None, 1.0, (0, 0, 0)) for job_id in ("job-1", "job-2"))
    (target,) = import_result(first, scene)
    add_steps(target, "job-1", STEPS, PLACEMENT)
    show_step(target, 2)
    replace_with_result(target, second)
    assert shown_step(target) == COUNT
    assert len(evaluated(target).polygons) == len(mesh.faces)
