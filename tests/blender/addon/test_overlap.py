# SPDX-License-Identifier: GPL-3.0-or-later
"""A new object is placed next to an object that would hide it at the 3D cursor, such as the default cube."""

from pathlib import Path

import bpy
import pytest

from blender_text3d.addon.jobs.free_location import first_free_slot, occluder_name
from blender_text3d.addon.state.active_job import ActiveJob, ImportTarget
from blender_text3d.addon.state.session_state import state
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests


@pytest.fixture
def cube(addon):
    """The default cube: two meters, centered at the cursor."""
    bpy.ops.mesh.primitive_cube_add(size=2)
    return bpy.context.object


def place(**values):
    bpy.context.view_layer.update()
    return first_free_slot(make_requests("a red chair", **values)[0], bpy.context.scene)


def hiding():
    return occluder_name(make_requests("a red chair")[0], bpy.context.scene)


def test_the_cube_of_a_new_file_does_not_hide_the_first_object(cube, addon):
    bpy.ops.text3d.generate()
    (generated,) = (target for target in bpy.context.scene.objects if target != cube)
    assert generated.location.x == 2.5
    assert tuple(generated.location[1:]) == (0, 0)
    assert not state.notices


def test_where_the_first_object_went_is_told_in_the_status_bar(cube, start_job, capfd):
    assert start_job("slowly a chair")[0].placed_next_to == "Cube"
    bpy.ops.text3d.cancel()
    bpy.ops.text3d.generate()
    assert 'Info: Placed next to "Cube", which would hide it at the 3D cursor' in capfd.readouterr().out


def test_hidden_and_wireframe_objects_do_not_overlap(cube):
    assert place() == 2
    assert hiding() == "Cube"
    cube.hide_set(True)
    assert place() == 0
    assert hiding() == ""
    cube.hide_set(False)
    cube.display_type = "WIRE"
    assert place() == 0


def test_an_object_that_protrudes_is_placed_at_the_cursor(cube):
    assert place(size_m=1.0) == 2
    assert place(size_m=2.0) == 0
    cube.location.z = -0.9  # as something on a table
    assert place() == 0


def test_a_room_is_stood_in_and_a_floor_stood_on(cube):
    cube.scale = (5, 5, 5)
    assert place() == 0
    cube.scale = (1.5, 1.5, 0)
    assert place() == 0
    assert hiding() == ""


@pytest.mark.parametrize(("scene_name", "slot"), [("Scene", 1), ("other", 0)])
def test_only_jobs_of_this_scene_take_slots_in_it(addon, monkeypatch, scene_name, slot):
    bpy.context.scene.name = "Scene"
    (request,) = make_requests("a red chair")
    job = ActiveJob(JobFolder(Path("job")), request, ImportTarget(scene_name, tuple(bpy.context.scene.cursor.location)))
    monkeypatch.setitem(state.jobs, "job", job)
    assert place() == slot
