# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest result is selected and active, unless the user changed the selection after pressing Generate."""

import bpy
import pytest

from blender_text3d.addon.state.session_state import state


def is_idle():
    return not state.jobs


def click(target):
    """Select one object like a click."""
    for other in bpy.context.view_layer.objects:
        other.select_set(other == target)
    bpy.context.view_layer.objects.active = target


def selected():
    return sorted(target.name for target in bpy.context.view_layer.objects if target.select_get())


def active():
    return bpy.context.view_layer.objects.active.name


@pytest.fixture
def cube(addon):
    bpy.ops.mesh.primitive_cube_add()
    return bpy.context.object


def test_the_first_result_is_active_though_the_default_cube_was(cube, start_job, drive):
    start_job("a chair")
    drive(is_idle)
    assert (selected(), active()) == (["a chair"], "a chair")


def test_a_click_on_an_older_result_before_generate_does_not_keep_the_panel_there(start_job, drive, scene):
    start_job("a red mushroom")
    drive(is_idle)
    start_job("a boat")
    drive(is_idle)
    click(scene.objects["a red mushroom"])
    start_job("a blue mushroom")
    drive(is_idle)
    assert (selected(), active()) == (["a blue mushroom"], "a blue mushroom")


def test_a_selection_made_after_generate_is_kept(cube, start_job, drive):
    click(cube)
    start_job("slowly a chair")
    bpy.ops.mesh.primitive_cube_add()
    drive(is_idle)
    assert (selected(), active()) == (["Cube.001"], "Cube.001")


def test_deselecting_all_after_generate_is_a_change(cube, start_job, drive):
    start_job("slowly a chair")
    bpy.ops.object.select_all(action="DESELECT")
    drive(is_idle)
    assert selected() == []


def test_of_several_queued_jobs_the_last_result_is_selected(cube, start_job, drive):
    start_job("a chair")
    start_job("a boat")
    start_job("a lamp")
    drive(is_idle)
    assert (selected(), active()) == (["a lamp"], "a lamp")


def test_a_click_between_two_results_of_a_batch_keeps_the_selection(cube, start_job, drive, scene):
    start_job("slowly a chair", count=3)
    drive(lambda: len(state.jobs) == 2)
    assert active() == "slowly a chair"
    click(cube)
    drive(is_idle)
    assert (selected(), active()) == (["Cube"], "Cube")


def test_a_job_submitted_after_the_click_selects_its_result(cube, start_job, drive):
    start_job("slowly a chair")
    bpy.ops.mesh.primitive_cube_add()
    start_job("a boat")
    drive(lambda: len(state.jobs) == 1)
    assert active() == "Cube.001"
    drive(is_idle)
    assert (selected(), active()) == (["a boat"], "a boat")


def test_a_selected_object_that_was_renamed_or_removed_is_no_change(cube, start_job, drive):
    start_job("slowly a chair")
    cube.name = "Plinth"
    drive(is_idle)
    assert active() == "slowly a chair"
    click(cube)
    start_job("slowly a boat")
    bpy.data.objects.remove(cube)
    drive(is_idle)
    assert active() == "slowly a boat"


def test_import_selects_what_it_imports(cube, start_job, drive):
    (job,) = start_job("slowly a chair")
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    drive(is_idle)
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.text3d.import_job(job_id=job.folder.job_id)
    assert (selected(), active()) == (["slowly a chair"], "slowly a chair")


def test_both_objects_of_a_result_are_selected_and_the_mesh_is_active(cube, start_job, drive, scene):
    start_job("a chair", outputs="both")
    drive(is_idle)
    assert len(selected()) == 2
    assert scene.objects[active()].text3d_point_radius == 0
