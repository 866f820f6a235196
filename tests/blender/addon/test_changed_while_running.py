# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to Blender's data, files, modes and undo steps while a job runs: none crashes Blender or loses the job."""

import bpy

import blender_text3d
from blender_text3d.addon import handlers
from blender_text3d.addon.jobs import import_result, poll_timer
from blender_text3d.addon.state.session_state import state
from blender_text3d.scene.find import find_previews, objects_of_job


def forming_shows():
    return bool(find_previews())


def is_idle():
    return not state.jobs


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
