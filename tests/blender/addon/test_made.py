# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects are imported before all of their files are written, and previews are requested for what is seen."""

import bpy

from blender_text3d.addon.jobs import poll_timer, previews
from blender_text3d.addon.state.session_state import state


def test_an_object_is_imported_while_its_other_files_are_written(start_job, drive, scene):
    (job,) = start_job("a chair with other files")
    drive(lambda: not state.jobs)
    assert len(scene.objects) == 1
    assert job.folder.last_event().kind == "made"
    assert not state.jobs
    assert job.folder.is_imported()
    assert poll_timer.has_work()
    (job.folder.path / "write").touch()
    drive(lambda: not poll_timer.has_work())
    assert job.folder.last_event().kind == "finished"
    assert len(scene.objects) == 1
    assert not state.notices


def test_a_failure_to_write_the_other_files_is_told_and_leaves_the_object(start_job, drive, scene):
    (job,) = start_job("a chair with other files on a full disk")
    drive(lambda: not state.jobs)
    (job.folder.path / "write").touch()
    drive(lambda: not poll_timer.has_work())
    assert list(state.notices) == ["The disk is full. Free some space."]
    assert state.problem is None
    assert len(scene.objects) == 1


def test_an_object_that_waits_for_its_import_survives_the_failure_of_its_files(start_job, drive, scene, monkeypatch):
    monkeypatch.setattr("blender_text3d.addon.jobs.import_result.reason_to_wait", lambda: "waiting for Object Mode")
    (job,) = start_job("a chair with other files on a full disk")
    drive(lambda: bool(state.finished))
    (job.folder.path / "write").touch()
    drive(lambda: bool(state.notices))
    assert state.finished == [job]
    monkeypatch.setattr("blender_text3d.addon.jobs.import_result.reason_to_wait", str)
    drive(lambda: not state.jobs)
    assert len(scene.objects) == 1
    assert state.problem is None


def test_a_script_gets_the_object_once_all_files_are_written(addon, scene, monkeypatch):
    """In background mode the operator returns when the job has ended."""
    writes = []
    real_sleep = poll_timer.time.sleep

    def sleep(seconds):
        for job in state.finished:
            writes.append(len(scene.objects))
            (job.folder.path / "write").touch()
        real_sleep(seconds)

    monkeypatch.setattr(poll_timer.time, "sleep", sleep)
    scene.text3d.prompt = "a chair with other files"
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    assert set(writes) == {0}
    assert len(scene.objects) == 1


def test_only_the_running_job_is_watched(start_job, drive):
    first, second = start_job("slowly a chair", count=2)
    drive(first.folder.is_watched)
    assert not second.folder.is_watched()
    drive(second.folder.is_watched)
    assert first.end
    drive(lambda: not state.jobs)


def test_nothing_is_watched_without_a_viewport(start_job, drive, monkeypatch):
    (job,) = start_job("slowly a chair")
    drive(lambda: job.stage == "sample")
    monkeypatch.setattr("blender_text3d.addon.redraw.has_viewport", lambda: False)
    drive(lambda: not job.folder.is_watched())
    monkeypatch.setattr("blender_text3d.addon.redraw.has_viewport", lambda: True)
    drive(lambda: job.folder.is_watched() or bool(job.end))
    drive(lambda: not state.jobs)
    drive(lambda: previews.watched.get("folder") is None)
