# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue: three ways to cancel, and failed and canceled jobs that stay in the list with Retry."""

import re
from pathlib import Path

import bpy
import pytest

from blender_text3d.addon import handlers
from blender_text3d.addon.jobs import import_result, poll_timer, queue_list, queue_order
from blender_text3d.addon.jobs.submit import session_for
from blender_text3d.addon.settings.choices import choices
from blender_text3d.addon.state.active_job import ActiveJob
from blender_text3d.addon.state.session_state import MAX_ENDED, keep_ended, state
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from tests.blender.recording_layout import RecordingLayout, drawn

FILES = "TEXT3D_OT_result_reveal"


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


def listed():
    return [row.job_id for row in bpy.context.window_manager.text3d_queue]


def select(job):
    bpy.context.window_manager.text3d_queue_index = listed().index(job.folder.job_id)


def side_buttons(job):
    """Return the names of the buttons next to the list that act on this job."""
    layout = RecordingLayout()
    drawn(layout)
    return [button.identifier for button in layout.buttons if button.values.get("job_id") == job.folder.job_id]


def test_the_panel_offers_retry_and_remove_for_a_canceled_job(start_job, drive):
    (job,) = start_job("slowly a chair")
    bpy.ops.text3d.cancel()
    drive(is_idle)
    poll_timer.tick()
    assert "Canceled" in drawn()
    moves = ["TEXT3D_OT_queue_move"] * 2
    assert side_buttons(job) == [*moves, "TEXT3D_OT_retry_job", "TEXT3D_OT_remove_job", FILES]


def test_the_list_shows_name_seed_state_and_time_of_each_job(start_job, drive):
    running, waiting = start_job("slowly a chair", count=2)
    drive(started(running))
    running.eta_s = 41.0
    text = drawn()
    assert f"slowly a chair  ({running.request.seed})" in text
    assert f"slowly a chair  ({waiting.request.seed})" in text
    assert re.search(r"\d+% · 4[01] s", text)
    assert re.search(r"Waiting · \d+ s", text)
    assert re.search(r"2 jobs · \d+ s", text)


def test_the_selected_job_stays_selected_when_rows_come_go_and_move(start_job, drive):
    queue_order.set_paused(is_paused=True)
    first, second, third = start_job("a chair", count=3)
    poll_timer.tick()
    select(third)
    bpy.ops.text3d.queue_move(job_id=third.folder.job_id, direction="TOP")
    assert listed() == ids([third, first, second])
    assert queue_list.selected_id() == third.folder.job_id
    state.session.cancel(first.folder)
    drive(lambda: listed() == ids([third, second, first]))
    assert queue_list.selected_id() == third.folder.job_id
    assert side_buttons(third)[-2:] == ["TEXT3D_OT_cancel", FILES]


def test_when_the_selected_job_goes_another_one_is_selected_or_none(start_job, drive):
    start_job("it fails")
    drive(is_idle)
    poll_timer.tick()
    assert len(listed()) == 1
    bpy.ops.text3d.remove_job()
    assert (listed(), queue_list.selected_id()) == ([], "")
    assert "No jobs" in drawn()


def test_a_row_whose_job_has_left_the_queue_is_drawn_empty(start_job, drive):
    queue_order.set_paused(is_paused=True)
    first, second = start_job("a chair", count=2)
    poll_timer.tick()
    del state.jobs[second.folder.job_id]
    assert f"({first.request.seed})" in drawn()
    assert f"({second.request.seed})" not in drawn()


def test_a_list_that_came_with_a_file_is_replaced(start_job, drive):
    queue_order.set_paused(is_paused=True)
    jobs = start_job("a chair", count=2)
    rows = bpy.context.window_manager.text3d_queue
    rows.clear()
    rows.add().job_id = "../../somewhere"
    handlers.on_load()
    assert listed() == ids(jobs)


def test_a_tick_reads_no_file_of_a_thousand_jobs_that_are_held(addon, monkeypatch):
    queue_order.set_paused(is_paused=True)
    (request,) = make_requests("a chair")
    session = session_for(choices())
    for folder in session.submit([request] * 1000):
        state.jobs[folder.job_id] = ActiveJob(folder, request, None)
    poll_timer.tick()
    assert len(listed()) == 1000
    touched = []

    def count(name):
        original = getattr(Path, name)

        def counted(path, *rest, **more):
            touched.append(path)
            return original(path, *rest, **more)

        monkeypatch.setattr(Path, name, counted)

    count("open")
    count("stat")
    poll_timer.tick()
    watched = next(iter(state.jobs.values())).folder.path  # the first job's files may be read, for its preview
    in_jobs = [path for path in touched if session.jobs_dir in path.parents]
    assert [path for path in in_jobs if watched not in (path, *path.parents)] == []
    state.jobs.clear()


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


def held(jobs):
    """Return those of the jobs that no worker has claimed."""
    return [job for job in jobs if job.folder.claimed_by() is None]


def restart():
    """Disable and enable the add-on, as when Blender is closed and opened, and look for what was left."""
    import blender_text3d

    blender_text3d.unregister()
    blender_text3d.register()
    bpy.ops.text3d.find_jobs()


def test_the_order_after_moves_is_the_order_of_the_results(start_job, drive, scene, monkeypatch):
    imported = []
    original = poll_timer.import_object
    monkeypatch.setattr(poll_timer, "import_object", lambda job: (imported.append(job), original(job)))
    bpy.ops.text3d.queue_pause()
    first, second, third, fourth = start_job("a chair", count=4)
    for job, direction in ((fourth, "TOP"), (first, "DOWN"), (third, "UP"), (second, "BOTTOM")):
        assert bpy.ops.text3d.queue_move(job_id=job.folder.job_id, direction=direction) == {"FINISHED"}
    wanted = ids([fourth, third, first, second])
    assert ids(state.queue) == wanted
    queue_order.set_paused(is_paused=False)
    drive(is_idle)
    assert ids(imported) == wanted


def test_a_pause_lets_the_running_job_finish_and_starts_no_other(start_job, drive, scene):
    first, *others = start_job("slowly a chair", count=3)
    drive(started(first))
    assert bpy.ops.text3d.queue_pause() == {"FINISHED"}
    drive(lambda: list(state.jobs) == ids(others))
    assert made(scene) == set(ids([first]))
    drive(lambda: state.session.held == [job.folder for job in others])
    assert held(others) == others
    assert "Paused, 2 waiting" in drawn()
    assert bpy.ops.text3d.queue_resume() == {"FINISHED"}
    assert made(scene) == set(ids([first, *others]))


def test_in_the_background_generate_returns_while_the_queue_is_paused(addon, scene):
    bpy.ops.text3d.queue_pause()
    assert bpy.ops.text3d.generate(count=2) == {"FINISHED"}
    assert not scene.objects
    assert [job.status for job in state.queue] == ["waiting"] * 2
    bpy.ops.text3d.queue_resume()
    assert len(scene.objects) == 2


def test_a_paused_queue_is_resumed_by_the_next_blender_in_its_order_and_paused(start_job, drive, scene):
    bpy.ops.text3d.queue_pause()
    first, second, third = ids(start_job("a chair", count=3))
    bpy.ops.text3d.queue_move(job_id=third, direction="TOP")
    restart()
    assert not state.is_paused
    assert [folder.job_id for folder in state.unclaimed] == [third, first, second]
    assert bpy.ops.text3d.resume_jobs() == {"FINISHED"}
    assert state.is_paused
    assert ids(state.queue) == [third, first, second]
    bpy.ops.text3d.queue_resume()
    assert made(bpy.context.scene) == {first, second, third}


def test_without_a_stored_order_jobs_are_resumed_as_they_were_queued(start_job, drive, scene):
    bpy.ops.text3d.queue_pause()
    wanted = ids(start_job("a chair", count=6))
    for path in choices().jobs_dir.glob(".queue-*"):
        path.write_bytes(b"\xff garbage")
    restart()
    assert [folder.job_id for folder in state.unclaimed] == wanted


def test_one_broken_job_does_not_keep_the_others_from_being_resumed(start_job, drive, scene):
    bpy.ops.text3d.queue_pause()
    broken, whole = start_job("a chair", count=2)
    restart()
    broken.folder.request.write_text("{}")
    assert broken.folder.job_id in refused(bpy.ops.text3d.resume_jobs)
    assert ids(state.queue) == ids([whole])


def test_undo_does_not_touch_the_queue(start_job, drive, scene):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.text3d.queue_pause()
    first, second = start_job("a chair", count=2)
    bpy.ops.text3d.queue_move(job_id=second.folder.job_id, direction="UP")
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert state.is_paused
    assert ids(state.queue) == ids([second, first])


def test_moves_that_are_impossible_change_nothing_and_say_so(start_job, drive, scene):
    assert "Fewer than two jobs are waiting" in refused(bpy.ops.text3d.queue_move, job_id="x")
    running, *others = start_job("slowly a chair", count=3)
    drive(started(running))
    before = ids(state.queue)
    for job, direction in ((running, "DOWN"), (others[0], "UP"), (others[1], "BOTTOM")):
        assert bpy.ops.text3d.queue_move(job_id=job.folder.job_id, direction=direction) == {"CANCELLED"}
    assert ids(state.queue) == before


def test_pause_and_resume_say_why_they_do_nothing(addon):
    assert "The queue is not paused" in refused(bpy.ops.text3d.queue_resume)
    bpy.ops.text3d.queue_pause()
    assert "The queue is already paused" in refused(bpy.ops.text3d.queue_pause)


def test_a_model_cannot_be_unloaded_without_one_or_while_jobs_wait(start_job, drive):
    assert "No model is loaded" in refused(bpy.ops.text3d.free_memory)
    start_job("slowly a chair")
    assert "Jobs are running or waiting" in refused(bpy.ops.text3d.free_memory)
    bpy.ops.text3d.cancel()
    drive(lambda: is_idle() and not state.session.jobs)
    assert bpy.ops.text3d.free_memory() == {"FINISHED"}


def test_an_object_whose_file_was_closed_is_listed_by_its_prompt(start_job, drive, monkeypatch):
    monkeypatch.setattr(import_result, "reason_to_wait", lambda: "It waits.")
    (job,) = start_job("a chair")
    drive(lambda: job.end == "finished")
    poll_timer.offer_import(job)
    assert f"a chair  ({job.request.seed})" in drawn()
