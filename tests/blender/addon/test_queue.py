# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue: three ways to cancel, and failed and canceled jobs that stay in the list with Retry."""

import bpy
import pytest

from blender_text3d.addon.state.session_state import MAX_ENDED, ActiveJob, keep_ended, state
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from tests.blender.recording_layout import RecordingLayout, drawn


def is_idle():
    return not state.jobs


def started(job):
    return lambda: job.status == "running" and job.index >= 1


def ids(jobs):
    return [job.folder.job_id for job in jobs]


def made(scene):
    return {target["text3d_job_id"] for target in scene.objects}


def refused(call, **choices):
    with pytest.raises(RuntimeError) as caught:
        call(**choices)
    return str(caught.value)


def test_cancel_running_lets_the_waiting_jobs_run(start_job, drive, scene):
    first, *others = start_job("slowly a chair", count=3)
    drive(started(first))
    assert bpy.ops.text3d.cancel_running() == {"FINISHED"}
    drive(is_idle)
    assert made(scene) == set(ids(others))
    assert ids(state.queue) == ids([first])


def test_before_the_worker_starts_cancel_running_cancels_the_first_job_only(start_job, drive, scene):
    first, second = start_job("slowly a chair", count=2)
    bpy.ops.text3d.cancel_running()
    drive(is_idle)
    assert made(scene) == set(ids([second]))


def test_cancel_waiting_lets_the_running_job_finish(start_job, drive, scene):
    first, *others = start_job("slowly a chair", count=3)
    drive(started(first))
    assert bpy.ops.text3d.cancel_waiting() == {"FINISHED"}
    assert not bpy.ops.text3d.cancel_waiting.poll()
    drive(is_idle)
    assert made(scene) == set(ids([first]))
    assert set(ids(state.queue)) == set(ids(others))


def test_cancel_ends_all_jobs_and_keeps_them_in_the_list(start_job, drive, scene):
    jobs = start_job("slowly a chair", count=3)
    drive(started(jobs[0]))
    bpy.ops.text3d.cancel()
    drive(is_idle)
    assert not scene.objects
    assert {job.folder.job_id: job.status for job in state.queue} == dict.fromkeys(ids(jobs), "cancelled")


def test_without_jobs_each_cancel_says_why_it_does_nothing(addon):
    assert "No jobs" in refused(bpy.ops.text3d.cancel)
    assert "No job is running" in refused(bpy.ops.text3d.cancel_running)
    assert "No jobs are waiting" in refused(bpy.ops.text3d.cancel_waiting)


def test_the_queue_lists_every_job_with_its_state(start_job, drive):
    (failing,) = start_job("it fails")
    drive(is_idle)
    running, waiting = start_job("slowly a chair", count=2)
    drive(started(running))
    assert [(job.folder.job_id, job.status) for job in state.queue] == [
        (running.folder.job_id, "running"), (waiting.folder.job_id, "waiting"), (failing.folder.job_id, "failed"),
    ]  # fmt: skip
    assert "The card is full." in state.ended[failing.folder.job_id].problem.message
    assert state.ended[failing.folder.job_id].problem.reason == "out_of_memory"
    bpy.ops.text3d.cancel()
    drive(is_idle)


def test_a_canceled_job_is_retried_with_its_seed_and_leaves_the_list(start_job, drive, scene):
    (job,) = start_job("slowly a chair")
    bpy.ops.text3d.cancel()
    drive(is_idle)
    scene.text3d.prompt = "a boat"
    assert bpy.ops.text3d.retry_job(job_id=job.folder.job_id) == {"FINISHED"}
    (target,) = scene.objects
    assert target.name == "slowly a chair"
    assert f'"seed": {job.request.seed}' in target["text3d_recipe"]
    assert state.queue == []


def test_retry_without_a_name_takes_the_newest(start_job, drive, scene):
    for prompt in ("slowly a chair", "slowly a boat"):
        start_job(prompt)
        bpy.ops.text3d.cancel()
        drive(is_idle)
    bpy.ops.text3d.retry_job()
    assert [target.name for target in scene.objects] == ["slowly a boat"]
    assert [job.request.prompt for job in state.queue] == ["slowly a chair"]


def test_a_failed_job_that_is_removed_takes_its_error_along(start_job, drive):
    (job,) = start_job("it fails")
    drive(is_idle)
    assert "The card is full." in drawn()
    assert bpy.ops.text3d.remove_job(job_id=job.folder.job_id) == {"FINISHED"}
    assert "The card is full." not in drawn()
    assert state.queue == []
    assert job.folder.request.is_file()


def test_retry_and_remove_refuse_jobs_that_are_not_in_the_list(start_job, drive):
    assert "No failed or canceled jobs" in refused(bpy.ops.text3d.retry_job)
    assert "No failed or canceled jobs" in refused(bpy.ops.text3d.remove_job)
    start_job("it fails")
    drive(is_idle)
    assert bpy.ops.text3d.retry_job(job_id="another") == {"CANCELLED"}
    assert len(state.ended) == 1


def test_the_panel_offers_retry_and_remove_for_a_canceled_job(start_job, drive):
    (job,) = start_job("slowly a chair")
    bpy.ops.text3d.cancel()
    drive(is_idle)
    layout = RecordingLayout()
    assert "Canceled" in drawn(layout)
    ours = [button.identifier for button in layout.buttons if button.values.get("job_id") == job.folder.job_id]
    assert ours == ["TEXT3D_OT_retry_job", "TEXT3D_OT_remove_job"]


def test_the_oldest_of_very_many_canceled_jobs_are_forgotten(addon, tmp_path):
    (request,) = make_requests("a chair")
    for number in range(MAX_ENDED + 3):
        keep_ended(ActiveJob(JobFolder(tmp_path / f"job-{number}"), request, None, end="cancelled"))
    assert len(state.ended) == MAX_ENDED
    assert "job-2" not in state.ended
    assert state.queue[0].folder.job_id == f"job-{MAX_ENDED + 2}"


def test_disabling_the_add_on_forgets_the_list(start_job, drive):
    import blender_text3d

    start_job("it fails")
    drive(is_idle)
    blender_text3d.unregister()
    blender_text3d.register()
    assert state.queue == []
