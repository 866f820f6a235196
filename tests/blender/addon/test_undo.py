# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo while a preview is shown: Blender crashes if it frees an object that a kept collection still references."""

import os
import subprocess
import sys
from pathlib import Path

import bpy
import pytest

import blender_text3d
from blender_text3d.addon.jobs import poll_timer
from blender_text3d.addon.state.session_state import state
from blender_text3d.scene.find import find_previews
from blender_text3d.scene.names import COLLECTION

REPOSITORY = Path(__file__).parents[3]
FORM_AND_UNDO = """
import bpy, numpy as np
import blender_text3d
from blender_text3d.geometry import PointCloud
from blender_text3d.scene.preview_object import show_preview

bpy.ops.wm.read_homefile(app_template="")
blender_text3d.register()
for number in range(5):  # steps that have the scene and its collections alike
    bpy.ops.ed.undo_push(message=str(number))
cloud = PointCloud(points=np.eye(3, dtype=np.float32), colors=np.eye(3, dtype=np.float32))
for press in (bpy.ops.ed.undo, bpy.ops.ed.undo, bpy.ops.ed.redo, bpy.ops.ed.redo):
    show_preview("job", "a chair", cloud, size=1.0, location=(0, 0, 0), scene=bpy.context.scene)
    press()
    bpy.context.view_layer.update()
print("there are", *sorted(item.name for item in bpy.context.scene.objects), flush=True)
import os
os._exit(0)
"""


def before_undo(handlers=bpy.app.handlers.undo_pre):
    """Run the handlers that Blender runs before undo."""
    for listener in handlers:
        listener(bpy.context.scene)


def is_idle():
    return not state.jobs


@pytest.fixture
def forming(start_job, drive):
    """A slowly forming object."""
    start_job("slowly a chair")
    drive(find_previews)
    return find_previews()[0]


def test_undo_and_redo_during_a_preview_do_not_crash_blender(tmp_path):
    own = {"BLENDER_USER_RESOURCES": str(tmp_path), "MALLOC_PERTURB_": "165", "PYTHONPATH": str(REPOSITORY)}
    own["BLENDER_TEXT3D_HOME"] = str(tmp_path)
    command = [sys.executable, "-c", FORM_AND_UNDO]
    done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, timeout=120)
    assert "there are Camera Cube Light\n" in done.stdout, f"ended with {done.returncode}: {done.stderr[-2000:]}"


@pytest.mark.parametrize("handlers", ["undo_pre", "redo_pre"])
def test_before_undo_all_objects_that_no_step_contains_are_removed(forming, drive, handlers):
    before_undo(getattr(bpy.app.handlers, handlers))
    assert not bpy.data.objects
    assert not bpy.data.meshes
    assert not bpy.data.materials
    assert COLLECTION not in bpy.data.collections
    drive(is_idle)
    assert [target.name for target in bpy.context.scene.objects] == ["slowly a chair"]


def test_after_undo_the_preview_is_back_with_the_next_tick(start_job, drive, scene):
    (job,) = start_job("slowly a chair")
    drive(find_previews)
    bpy.ops.ed.undo_push(message="with the preview")
    bpy.ops.ed.undo_push(message="as before")
    bpy.ops.ed.undo()
    poll_timer.on_timer()
    assert job.end or [item.name for item in bpy.context.scene.objects] == ["slowly a chair"]
    drive(is_idle)
    assert [item.name for item in bpy.context.scene.objects] == ["slowly a chair"]
    assert [item.name for item in bpy.data.collections] == [COLLECTION]


def test_a_preview_that_others_refer_to_stays_because_a_step_contains_it(forming, scene):
    child = bpy.data.objects.new("child", None)
    scene.collection.objects.link(child)
    child.parent = forming
    before_undo()
    assert find_previews() == [forming]
    assert child.parent == forming


def test_the_collection_stays_until_it_is_empty(forming, scene):
    bpy.data.collections[COLLECTION].objects.link(bpy.data.objects.new("custom", None))
    before_undo()
    assert [item.name for item in scene.objects] == ["custom"]


def test_a_job_that_failed_leaves_no_collection_behind(start_job, drive, scene):
    start_job("slowly dies")
    drive(is_idle)
    assert not bpy.data.objects
    assert COLLECTION not in bpy.data.collections


def test_disabling_removes_the_preview(forming):
    blender_text3d.unregister()
    try:
        assert not bpy.data.objects
        assert COLLECTION not in bpy.data.collections
    finally:
        blender_text3d.register()


def test_before_undo_every_view_layer_lists_the_linked_objects(addon):
    other = bpy.data.scenes.new("other")
    other.collection.objects.link(bpy.data.objects.new("custom", None))
    before_undo()
    assert len(other.view_layers[0].objects) == 1
