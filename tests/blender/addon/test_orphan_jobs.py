# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs at work for a session that is gone, as after an upgrade: followed to their end, and then offered or told."""

import json
import os

import bpy
import pytest

import blender_text3d
from blender_text3d.addon import handlers
from blender_text3d.addon.jobs import job_scan, orphan_jobs, poll_timer
from blender_text3d.addon.state.session_state import state
from blender_text3d.scene.find import forming_objects


@pytest.fixture
def left_at_work(begin, drive):
    """A function that begins a job, and takes the add-on away and brings it back while the worker is at work."""

    def leave(prompt: str):
        (job,) = begin(prompt)
        drive(lambda: bool(forming_objects()))
        worker = state.session.worker
        blender_text3d.unregister()
        blender_text3d.register()
        handlers.look_for_offers()
        drive(lambda: not job_scan.is_scanning())
        assert state.underway == [job.folder] and not state.offers
        return job.folder, worker

    return leave


def test_a_job_that_is_still_at_work_is_offered_when_it_is_done(left_at_work, drive):
    folder, _ = left_at_work("slowly a chair")
    drive(lambda: not poll_timer.has_work())
    assert state.offers == [folder] and not state.underway and state.trouble is None
    assert bpy.ops.text3d.import_job() == {"FINISHED"}
    assert [target["text3d_job_id"] for target in bpy.context.scene.objects] == [folder.job_id]


def test_one_whose_worker_dies_is_told(left_at_work, drive):
    folder, worker = left_at_work("slowly a chair")
    worker.kill()
    drive(lambda: not poll_timer.has_work())
    assert not state.offers and state.trouble.reason == "interrupted" and state.trouble.job_path == folder.path


def test_it_is_looked_at_now_and_then_and_not_at_every_tick(left_at_work, monkeypatch):
    folder, _ = left_at_work("slowly a chair")
    looks = []
    monkeypatch.setattr(orphan_jobs.job_scan, "classify", lambda job, *lists: looks.append(job))
    monkeypatch.setattr(orphan_jobs, "EVERY_S", 1000.0)
    monkeypatch.setattr(orphan_jobs, "_next_look", 0.0)
    state.underway = [folder] * 3
    for _ in range(20):
        poll_timer.tick(is_watched=False)
    assert looks == [folder]


def test_one_whose_worker_cannot_be_seen_is_left_by_a_button_and_the_timer_stops(left_at_work, drive):
    folder, worker = left_at_work("slowly a chair")
    assert bpy.ops.text3d.leave_jobs(job_id=folder.job_id) == {"FINISHED"}
    assert not poll_timer.has_work() and folder.is_cancel_asked()
    job_scan.scan_whole(folder.path.parent)
    assert not state.underway and not state.offers
    worker.kill()


def test_a_worker_whose_number_is_another_process_by_now_is_told_as_gone(left_at_work, drive):
    folder, worker = left_at_work("slowly a chair")
    worker.kill()
    claim = folder.path / "claim.json"
    claim.write_text(json.dumps({**json.loads(claim.read_text()), "pid": os.getpid(), "started": "another start"}))
    drive(lambda: not poll_timer.has_work())
    assert state.trouble.reason == "interrupted"
