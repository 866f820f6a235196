# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk space of results: compaction and deletion of many, and files for other programs on demand."""

import itertools
import json
import time
from types import SimpleNamespace

import bpy
import numpy as np
import pytest

from blender_text3d.addon.operators.old_results import delete_old_steps
from blender_text3d.addon.results import results_task as module
from blender_text3d.addon.results.results_task import results_task
from blender_text3d.addon.state.session_state import state
from blender_text3d.client.results.marks import STARRED, set_mark
from blender_text3d.geometry import load_geometry, save_geometry
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.request import make_requests
from blender_text3d.system import run_steps
from tests.exports.sample_jobs import BOX, finished_job

DAY_S = 24 * 3600.0


@pytest.fixture
def jobs_dir(addon):
    from blender_text3d.addon.settings.choices import choices

    choices().jobs_dir.mkdir(parents=True, exist_ok=True)
    return choices().jobs_dir


def aged(job, days):
    """Set a job's age; returns the job."""
    content = json.loads(job.request.read_text())
    job.request.write_text(json.dumps(content | {"created": time.time() - days * DAY_S}))
    return job


def test_all_results_are_compacted_and_can_still_be_brought_into_the_scene(jobs_dir, scene):
    jobs = [finished_job(jobs_dir, prompt) for prompt in ("a red chair", "a blue mug")]
    for job in jobs:
        save_geometry(job.preview, BOX)
        (job.path / "mesh.glb").write_bytes(bytes(5000))
    assert bpy.ops.text3d.results_compact() == {"FINISHED"}
    assert (results_task.done, results_task.is_running, results_task.freed > 10_000) == (2, False, True)
    assert any("Compacted 2 results" in message for message in messages())
    for job in jobs:
        assert not job.preview.exists()
        np.testing.assert_array_equal(load_geometry(job.mesh).vertices, BOX.vertices)
        assert bpy.ops.text3d.result_import(job_id=job.job_id) == {"FINISHED"}


def messages() -> list[str]:
    return [str(notice) for notice in vars(state)["notices"]]


def test_old_results_are_deleted_but_no_starred_new_or_queued_one(jobs_dir):
    old, starred = aged(finished_job(jobs_dir, "old"), 100), aged(finished_job(jobs_dir, "starred"), 100)
    new, queued = finished_job(jobs_dir, "new"), aged(create_job(jobs_dir, make_requests("queued")[0]), 100)
    set_mark(starred, STARRED, on=True)
    assert bpy.ops.text3d.results_delete_old(days=90) == {"FINISHED"}
    assert [job.path.exists() for job in (old, starred, new, queued)] == [False, True, True, True]
    assert results_task.done == 1


def test_a_job_without_a_valid_time_is_not_deleted(jobs_dir):
    job = finished_job(jobs_dir, "timeless")
    content = json.loads(job.request.read_text())
    job.request.write_text(json.dumps(content | {"created": "long ago"}))
    assert list(delete_old_steps(job, time.time())) == []
    assert job.path.exists()


def test_a_job_whose_object_waits_to_be_imported_is_left_alone(jobs_dir, monkeypatch):
    job = aged(finished_job(jobs_dir), 100)
    monkeypatch.setattr(state, "jobs", {job.job_id: None})
    bpy.ops.text3d.results_delete_old(days=1)
    assert job.path.exists()


def test_with_a_window_a_tick_takes_few_steps_and_a_second_change_waits(jobs_dir, monkeypatch):
    for number in range(3):
        finished_job(jobs_dir, f"chair {number}")
    clock = itertools.count(0.0, 0.003)
    timers = SimpleNamespace(register=lambda *args, **options: None, is_registered=lambda do: False)
    monkeypatch.setattr(module, "bpy", SimpleNamespace(app=SimpleNamespace(background=False, timers=timers)))
    monkeypatch.setattr(run_steps, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    assert bpy.ops.text3d.results_compact() == {"FINISHED"}
    assert results_task.is_running
    assert not bpy.ops.text3d.results_compact.poll()
    ticks = 0
    while results_task.poll() is not None:
        ticks += 1
    assert ticks > 3
    assert (results_task.done, bpy.ops.text3d.results_compact.poll()) == (3, True)


def test_a_result_is_exported_with_the_size_of_its_request(jobs_dir, scene):
    job = finished_job(jobs_dir, size_m=2.5)
    assert bpy.ops.text3d.result_export(job_id=job.job_id) == {"FINISHED"}
    assert {"mesh.glb", "mesh.ply"} <= {path.name for path in job.path.iterdir()}
    bpy.ops.import_scene.gltf(filepath=str(job.path / "mesh.glb"))
    (made,) = [item for item in bpy.context.selected_objects if item.type == "MESH"]
    assert made.name == "a red chair"
    assert max(made.dimensions) == pytest.approx(2.5, rel=1e-5)
    assert made["seed"] == job.read_request().seed


def test_a_result_without_geometry_is_not_exported(jobs_dir):
    job = finished_job(jobs_dir, mesh=None)
    with pytest.raises(RuntimeError, match="has no geometry"):
        bpy.ops.text3d.result_export(job_id=job.job_id)
