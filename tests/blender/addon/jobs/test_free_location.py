# SPDX-License-Identifier: GPL-3.0-or-later
"""Where new objects go."""

import bpy
import pytest

from blender_text3d.addon.jobs.free_location import (
    columns_of,
    first_free_slot,
    occluder_name,
    occluders,
    rows_of,
    slot_location,
    taken_places,
    target_scene,
    xyz,
)
from blender_text3d.addon.state.active_job import ImportTarget
from blender_text3d.protocol.request import make_requests


def request(**choices):
    return make_requests("a red chair", **choices)[0]


def add(scene, location, **properties):
    """Add an empty object with custom properties."""
    target = bpy.data.objects.new("item", None)
    target.location = location
    for key, value in properties.items():
        target[key] = value
    scene.collection.objects.link(target)
    return target


def cube(location=(0, 0, 0), **properties):
    """Add a cube of two units."""
    bpy.ops.mesh.primitive_cube_add(size=2, location=location)
    bpy.context.view_layer.update()
    for key, value in properties.items():
        bpy.context.object[key] = value
    return bpy.context.object


def test_slots_start_at_the_cursor_and_go_along_x_and_then_back(scene):
    scene.cursor.location = (1, 2, 3)
    assert slot_location(0, 2.0, scene, rows=1) == (1, 2, 3)
    assert slot_location(3, 2.0, scene, rows=1) == (8.5, 2, 3)
    assert slot_location(12, 2.0, scene, rows=2) == (6, 7, 3)


def test_sizes_in_meters_become_blender_units(scene):
    scene.unit_settings.system, scene.unit_settings.scale_length = "METRIC", 0.5
    assert slot_location(1, 2.0, scene, rows=1) == (5, 0, 0)
    add(scene, (1.9, 0, 0), text3d_job_id="job")
    assert first_free_slot(request(size_m=2.0), scene) == 1
    assert first_free_slot(request(size_m=1.0), scene) == 0


@pytest.mark.parametrize(("outputs", "rows"), [("mesh", 1), ("cloud", 1), ("both", 2)])
def test_a_mesh_and_its_cloud_take_two_rows(outputs, rows):
    assert rows_of(request(outputs=outputs)) == rows


def test_generated_objects_of_the_scene_and_jobs_that_go_there_take_locations(scene, new_job):
    other = bpy.data.scenes.new("other")
    add(scene, (1, 2, 3), text3d_job_id="job-1")
    add(scene, (4, 4, 4))
    add(other, (5, 5, 5), text3d_job_id="job-2")
    new_job("here").target = ImportTarget(scene.name, (7.0, 0.0, 0.0))
    new_job("there").target = ImportTarget("other", (8.0, 0.0, 0.0))
    new_job("offered").target = None
    assert [place for place, _ in taken_places(scene)] == [(1, 2, 3), (7, 0, 0)]
    assert [place for place, _ in taken_places(other)] == [(5, 5, 5), (8, 0, 0)]


@pytest.mark.parametrize(("x", "slot"), [(0.0, 1), (0.5, 1), (-0.5, 1), (0.51, 0), (-0.51, 0)])
def test_an_object_takes_a_slot_up_to_half_its_size_away(scene, clean_state, x, slot):
    add(scene, (x, 0, 0), text3d_job_id="job-1")
    assert first_free_slot(request(), scene) == slot


def test_the_first_gap_in_the_row_is_taken(scene, clean_state):
    for slot in (0, 1, 3):
        add(scene, (1.25 * slot, 0, 0), text3d_job_id="job-1")
    assert first_free_slot(request(), scene) == 2
    add(scene, (2.5, 0, 0), text3d_job_id="job-1")
    assert first_free_slot(request(), scene) == 4


@pytest.mark.parametrize("size", [0.02, 0.1, 0.9, 1.0, 4.0])
def test_a_new_object_stands_beside_those_of_other_sizes(scene, clean_state, new_job, size):
    cube(text3d_job_id="job-1")  # two meters
    job = new_job("job-2", size_m=0.5)
    job.target = ImportTarget(scene.name, (3.0, 0.0, 0.0))
    slot = first_free_slot(request(size_m=size), scene)
    x, y, z = slot_location(slot, size, scene, rows=1, columns=columns_of(request(size_m=size), scene))
    low, high = x - size / 2, x + size / 2
    assert (y, z) == (0, 0)
    assert low >= 1
    assert high <= 2.75 or low >= 3.25
    assert low <= 3.25 + 1.25 * size  # not far away either


def test_slots_in_the_second_row_lie_behind_both_rows_of_the_first(scene, clean_state):
    for slot in range(10):
        add(scene, (1.25 * slot, 0, 0), text3d_job_id="job-1")
    add(scene, (0, 1.25, 0), text3d_job_id="job-1")
    assert first_free_slot(request(), scene) == 11
    assert first_free_slot(request(outputs="both"), scene) == 10


def test_slots_inside_of_what_would_hide_the_object_are_skipped(scene, clean_state):
    cube()
    assert first_free_slot(request(), scene) == 2
    add(scene, (2.5, 0, 0), text3d_job_id="job-1")
    assert first_free_slot(request(), scene) == 3


def test_if_every_slot_is_hidden_the_object_goes_to_the_cursor(scene, clean_state, monkeypatch):
    from blender_text3d.scene import overlap

    cube()
    asked = []
    monkeypatch.setattr(overlap, "overlaps", lambda *_: asked.append(1) or True)
    assert first_free_slot(request(), scene) == 0
    assert len(asked) == 6


def test_only_what_the_user_made_can_hide_an_object(scene):
    own = cube()
    cube(text3d_job_id="job-1")
    cube(text3d_forming="job-2")
    cube(location=(3, 0, 0))
    assert occluders(scene, 1.0) == [own]
    assert occluder_name(request(), scene) == own.name
    assert occluder_name(request(size_m=2.0), scene) == ""


def test_what_hides_is_looked_for_at_the_cursor(scene):
    cube(location=(3, 0, 0))
    assert occluders(scene, 1.0) == []
    scene.cursor.location = (3, 0, 0)
    assert [item.name for item in occluders(scene, 1.0)] == ["Cube"]


def test_a_result_goes_to_the_current_scene_if_its_own_is_gone(scene):
    other = bpy.data.scenes.new("other")
    assert target_scene(ImportTarget("other", (0, 0, 0))) == other
    assert target_scene(ImportTarget("gone", (0, 0, 0))) == scene
    assert xyz(scene.cursor.location) == (0, 0, 0)
