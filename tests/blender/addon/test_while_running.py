# SPDX-License-Identifier: GPL-3.0-or-later
"""User actions while a job runs: none crashes Blender or loses the job."""

import bpy
import pytest

import blender_text3d
from blender_text3d.addon import handlers
from blender_text3d.addon.jobs import import_result, job_scan, poll_timer
from blender_text3d.addon.state.session_state import state
from blender_text3d.scene.find import find_previews, objects_of_job


def forming_shows():
    return bool(find_previews())


def is_idle():
    return not state.jobs


def finish_without_blender(folder):
    """Wait for a job that Blender no longer follows."""
    import time

    give_up = time.monotonic() + 60
    while getattr(folder.last_event(), "kind", "") != "finished":
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_the_object_forms_and_then_is_the_result(start_job, drive, scene):
    (job,) = start_job("slowly a chair")
    drive(forming_shows)
    (forming,) = find_previews()
    name = forming.name
    drive(is_idle)
    (target,) = scene.objects
    assert target.name == name
    assert not find_previews()
    assert target["text3d_job_id"] == job.folder.job_id


def test_progress_is_known_while_it_runs(start_job, drive):
    (job,) = start_job("slowly a chair")
    drive(lambda: job.stage == "sample" and job.index >= 2)
    assert job.total == 4
    assert 0 < job.share_done < 1
    assert job.eta_s is not None
    drive(is_idle)


def test_ticks_are_measured_and_imports_apart_from_them(start_job, drive):
    poll_timer.tick_times_ms.clear(), poll_timer.import_times_ms.clear()
    start_job("slowly a chair")
    drive(is_idle)
    assert len(poll_timer.tick_times_ms) > 1
    assert len(poll_timer.import_times_ms) == 1


def test_cancel_stops_the_job_and_leaves_nothing(start_job, drive, scene):
    (job,) = start_job("slowly a chair")
    drive(forming_shows)
    assert bpy.ops.text3d.cancel.poll()
    bpy.ops.text3d.cancel()
    assert not bpy.ops.text3d.cancel.poll()
    drive(is_idle)
    assert not scene.objects
    assert state.problem is None
    assert job.folder.last_event().kind == "cancelled"


def test_cancel_stops_the_jobs_that_wait_too(start_job, drive, scene):
    start_job("slowly a chair", count=3)
    bpy.ops.text3d.cancel()
    drive(is_idle)
    assert not scene.objects


def test_one_waiting_job_can_be_cancelled_alone(start_job, drive, scene):
    jobs = start_job("slowly a chair", count=3)
    bpy.ops.text3d.cancel(job_id=jobs[1].folder.job_id)
    drive(is_idle)
    assert {target["text3d_job_id"] for target in scene.objects} == {jobs[0].folder.job_id, jobs[2].folder.job_id}


def test_jobs_are_queued_and_imported_one_by_one(start_job, drive, scene):
    start_job("a chair")
    start_job("a boat")
    assert len(state.running) == 2
    drive(is_idle)
    assert sorted(target.name for target in scene.objects) == ["a boat", "a chair"]


def keys_of(keymap):
    return [(item.idname, item.type, item.ctrl) for item in keymap.keymap_items if item.idname.startswith("text3d.")]


def test_ctrl_return_generates_in_the_viewport_and_no_key_cancels(addon):
    keymap = bpy.context.window_manager.keyconfigs.addon.keymaps["3D View"]
    assert ("text3d.generate", "RET", True) in keys_of(keymap)
    assert not [key for key in keys_of(keymap) if "cancel" in key[0] or key[1] == "ESC"]
    blender_text3d.unregister()
    assert keys_of(keymap) == []
    blender_text3d.register()


def test_deleting_the_preview_loses_nothing(start_job, drive, scene):
    start_job("slowly a chair")
    drive(forming_shows)
    bpy.data.objects.remove(find_previews()[0])
    drive(is_idle)
    assert [target.name for target in scene.objects] == ["slowly a chair"]


def test_a_preview_in_edit_mode_stays_and_is_removed_afterwards(start_job, drive, scene):
    start_job("slowly a chair")
    drive(forming_shows)
    (forming,) = find_previews()
    bpy.context.view_layer.objects.active = forming
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.text3d.cancel()
    drive(is_idle)
    assert find_previews() == [forming]
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.object.mode_set(mode="OBJECT")
    handlers.remove_stale()
    assert not find_previews()


def test_deleting_the_mesh_of_the_preview_loses_nothing(start_job, drive, scene):
    start_job("slowly a chair")
    drive(forming_shows)
    bpy.data.meshes.remove(find_previews()[0].data)
    drive(is_idle)
    assert len(scene.objects) == 1


def test_deleting_the_material_of_the_preview_loses_nothing(start_job, drive, scene):
    start_job("slowly a chair")
    drive(forming_shows)
    bpy.data.materials.remove(find_previews()[0].data.materials[0])
    drive(is_idle)
    assert state.problem is None
    assert scene.objects[0].data.materials[0] is not None


def test_deleting_the_collection_loses_nothing(start_job, drive, scene):
    start_job("slowly a chair")
    drive(forming_shows)
    bpy.data.collections.remove(bpy.data.collections["Text3D"])
    drive(is_idle)
    assert len(scene.collection.all_objects) == 1


def test_undo_while_it_forms_loses_nothing(start_job, drive):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.ed.undo_push(message="cube")
    start_job("slowly a chair")
    drive(forming_shows)
    bpy.ops.ed.undo()
    drive(is_idle)
    assert [target.name for target in bpy.context.scene.objects] == ["slowly a chair"]


def test_undo_to_a_state_with_a_preview_shows_no_stale_preview(start_job, drive):
    bpy.ops.ed.undo_push(message="before")
    start_job("slowly a chair")
    drive(forming_shows)
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.ed.undo_push(message="cube")
    drive(is_idle)
    bpy.ops.ed.undo()
    assert [target.name for target in bpy.context.scene.objects] == ["Cube"]
    bpy.ops.ed.redo()
    assert len(objects_of_job(next(iter(bpy.context.scene.objects)).get("text3d_job_id", ""))) <= 1
    assert not find_previews()


def test_another_file_gets_no_foreign_object_but_the_offer(start_job, drive):
    (job,) = start_job("slowly a chair")
    drive(forming_shows)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    drive(is_idle)
    assert not bpy.context.scene.objects
    assert state.ready == [job.folder]
    bpy.ops.text3d.import_job(job_id=job.folder.job_id)
    assert [target.name for target in bpy.context.scene.objects] == ["slowly a chair"]
    assert not state.ready


def test_a_preview_saved_in_a_file_is_removed_when_the_file_is_opened(start_job, drive, tmp_path):
    start_job("slowly a chair")
    drive(forming_shows)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    assert not find_previews()
    drive(is_idle)
    assert len(state.ready) == 1


def test_a_deleted_scene_is_replaced_by_the_open_one(start_job, drive, scene):
    start_job("slowly a chair")
    drive(forming_shows)
    other = bpy.data.scenes.new("other")
    bpy.context.window.scene = other
    bpy.data.scenes.remove(scene)
    drive(is_idle)
    assert len(other.collection.all_objects) == 1


def test_in_edit_mode_the_object_waits_until_it_is_left(start_job, drive, scene):
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")
    (job,) = start_job("a chair")
    drive(lambda: job.end == "finished")
    for _ in range(3):
        poll_timer.on_timer()
    assert state.finished
    assert "Object Mode" in import_result.reason_to_wait()
    bpy.ops.object.mode_set(mode="OBJECT")
    drive(is_idle)
    assert len(scene.objects) == 2


def test_disabling_the_add_on_lets_the_worker_finish_and_offers_the_object_next_time(start_job, drive):
    (job,) = start_job("slowly a chair")
    drive(forming_shows)
    blender_text3d.unregister()
    finish_without_blender(job.folder)
    blender_text3d.register()
    handlers.scan_jobs()
    drive(lambda: not job_scan.is_scanning())
    assert state.ready == [job.folder]
    assert bpy.ops.text3d.import_job() == {"FINISHED"}
    assert [target.name for target in bpy.context.scene.objects] == ["slowly a chair"]


def test_jobs_that_never_started_can_be_resumed(start_job, drive, scene):
    jobs = start_job("slowly a chair", count=2)
    drive(forming_shows)
    blender_text3d.unregister()
    finish_without_blender(jobs[0].folder)
    blender_text3d.register()
    bpy.ops.text3d.find_jobs()
    assert state.unclaimed == [jobs[1].folder]
    assert bpy.ops.text3d.resume_jobs() == {"FINISHED"}
    imported = [item.get("text3d_job_id") for item in bpy.context.scene.objects]
    assert [job_id for job_id in imported if job_id] == [jobs[1].folder.job_id]


def test_a_killed_worker_is_reported_and_the_queue_continues(start_job, drive, scene):
    first, second = start_job("slowly a chair", count=2)
    drive(forming_shows)
    state.session.worker.kill()
    drive(is_idle)
    assert "crashed" in state.problem.message
    assert [target["text3d_job_id"] for target in scene.objects] == [second.folder.job_id]


def test_offers_can_be_dismissed_for_good(start_job, drive):
    start_job("slowly a chair")
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    drive(is_idle)
    bpy.ops.text3d.dismiss_job()
    assert not state.ready
    bpy.ops.text3d.find_jobs()
    assert not state.ready


def test_memory_can_be_freed_when_nothing_runs(start_job, drive):
    start_job("slowly a chair")
    assert not bpy.ops.text3d.free_memory.poll()
    drive(is_idle)
    bpy.ops.text3d.free_memory()
    assert state.session is None
    start_job("a boat")
    drive(is_idle)
    assert len(bpy.context.scene.objects) == 2


@pytest.mark.parametrize("junk", ["file.txt", ".hidden", "20200101-000000-x-abcdef"])
def test_junk_in_the_jobs_folder_is_passed_over(addon, tmp_path, junk):
    (tmp_path / "data" / "jobs" / junk).mkdir(parents=True)
    bpy.ops.text3d.find_jobs()
    assert not state.ready
    assert not state.unclaimed
