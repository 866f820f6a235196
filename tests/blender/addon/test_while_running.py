# SPDX-License-Identifier: GPL-3.0-or-later
"""User actions while a job runs: none crashes Blender or loses the job."""

import bpy
import pytest

import blender_text3d
from blender_text3d.addon import handlers
from blender_text3d.addon.jobs import job_scan, poll_timer
from blender_text3d.addon.state.session_state import state
from blender_text3d.scene.find import find_previews


def forming_shows():
    return bool(find_previews())


def is_idle():
    return not state.jobs


def finish_without_blender(folder):
    """Wait for a job that Blender no longer follows."""
    import time

    give_up = time.monotonic() + 600
    while getattr(folder.last_event(), "kind", "") != "finished":
        assert time.monotonic() < give_up
        poll_timer.poll_events()  # of no job: the worker's slow steps wait for it
        time.sleep(0.02)


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
