# SPDX-License-Identifier: GPL-3.0-or-later
"""Running jobs of a session that is gone, as after an upgrade: followed to their end, then offered or reported."""

import json
import os

import bpy
import pytest

import blender_text3d
from blender_text3d.addon import handlers
from blender_text3d.addon.jobs import job_scan, orphan_jobs, poll_timer
from blender_text3d.addon.state.session_state import state
from blender_text3d.scene.find import find_previews


@pytest.fixture
def running_orphan(start_job, drive):
    """A function that starts a job, and disables and enables the add-on while the worker runs."""

    def leave(prompt: str):
        (job,) = start_job(prompt)
        drive(lambda: bool(find_previews()))
        worker = state.session.worker
        blender_text3d.unregister()
        blender_text3d.register()
        handlers.scan_jobs()
        drive(lambda: not job_scan.is_scanning())
        assert state.orphaned == [job.folder]
        assert not state.ready
        return job.folder, worker

    return leave


def test_a_running_orphan_is_offered_when_it_finishes(running_orphan, drive):
    folder, _ = running_orphan("slowly a chair")
    drive(lambda: not poll_timer.has_work())
    assert state.ready == [folder]
    assert not state.orphaned
    assert state.problem is None
    assert bpy.ops.text3d.import_job() == {"FINISHED"}
    assert [target["text3d_job_id"] for target in bpy.context.scene.objects] == [folder.job_id]


def test_an_orphan_whose_worker_exits_is_reported(running_orphan, drive):
    folder, worker = running_orphan("slowly a chair")
    worker.kill()
    drive(lambda: not poll_timer.has_work())
    assert not state.ready
    assert state.problem.reason == "interrupted"
    assert state.problem.job_path == folder.path


def test_orphans_are_checked_at_an_interval_and_not_at_every_tick(running_orphan, monkeypatch):
    folder, _ = running_orphan("slowly a chair")
    checked = []
    monkeypatch.setattr(orphan_jobs.job_scan, "classify", lambda job, *lists: checked.append(job))
    monkeypatch.setattr(orphan_jobs, "POLL_EVERY_S", 1000.0)
    monkeypatch.setattr(orphan_jobs, "_next_poll_s", 0.0)
    state.orphaned = [folder] * 3
    for _ in range(20):
        poll_timer.tick(is_watched=False)
    assert checked == [folder]


def test_an_orphan_of_an_unknown_worker_is_dismissed_by_a_button_and_the_timer_stops(running_orphan, drive):
    folder, worker = running_orphan("slowly a chair")
    assert bpy.ops.text3d.leave_jobs(job_id=folder.job_id) == {"FINISHED"}
    assert not poll_timer.has_work()
    assert folder.is_cancel_requested()
    job_scan.scan_all(folder.path.parent)
    assert not state.orphaned
    assert not state.ready
    worker.kill()


def test_a_worker_whose_pid_was_reused_is_reported_as_gone(running_orphan, drive):
    folder, worker = running_orphan("slowly a chair")
    worker.kill()
    claim = folder.path / "claim.json"
    claim.write_text(json.dumps({**json.loads(claim.read_text()), "pid": os.getpid(), "started": "another start"}))
    drive(lambda: not poll_timer.has_work())
    assert state.problem.reason == "interrupted"
