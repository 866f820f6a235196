# SPDX-License-Identifier: GPL-3.0-or-later
"""Two Blenders with one jobs folder: an object is imported by one of them, and offered only by its own."""

import json
import subprocess
import sys

import bpy
import pytest

from blender_text3d.addon.jobs import import_result, job_scan
from blender_text3d.addon.state.session_state import state
from blender_text3d.client.import_claim import claim_import
from blender_text3d.system.process import process_start_token


@pytest.fixture
def other_blender():
    """A live process as a stand-in for a second Blender."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def finished(start_job, drive):
    """A finished job of this Blender that waits because an object is in Edit Mode."""

    def finish(monkeypatch):
        monkeypatch.setattr(import_result, "reason_to_wait", lambda: "It waits.")
        (job,) = start_job("a red chair")
        drive(lambda: job.end == "finished")
        return job

    return finish


def take_for(process: subprocess.Popen, job) -> None:
    """Write what the other Blender writes before it imports an object."""
    assert claim_import(job.folder)
    path = job.folder.path / "importing-0.json"
    own = json.loads(path.read_text())
    path.write_text(json.dumps({**own, "pid": process.pid, "started": process_start_token(process.pid)}))


def ask_as(process: subprocess.Popen, job) -> None:
    """Make the other Blender the submitter of the job."""
    first, *rest = job.folder.journal.read_text().splitlines()
    queued = {**json.loads(first), "pid": process.pid, "started": process_start_token(process.pid)}
    job.folder.journal.write_text("\n".join([json.dumps(queued), *rest, ""]))


def test_an_object_that_another_blender_is_importing_is_not_imported_here(finished, other_blender, drive, monkeypatch):
    job = finished(monkeypatch)
    take_for(other_blender, job)
    monkeypatch.setattr(import_result, "reason_to_wait", lambda: "")
    drive(lambda: not state.jobs)
    assert not bpy.context.scene.objects
    assert any("already imported" in notice for notice in state.notices)
    assert state.problem is None


def test_an_import_claimed_by_a_crashed_blender_is_imported_here(finished, other_blender, drive, monkeypatch):
    job = finished(monkeypatch)
    take_for(other_blender, job)
    other_blender.kill()
    other_blender.wait()
    monkeypatch.setattr(import_result, "reason_to_wait", lambda: "")
    drive(lambda: not state.jobs)
    assert len(bpy.context.scene.objects) == 1
    assert job.folder.is_imported()


def test_an_object_whose_blender_lives_is_not_offered_here(finished, other_blender, monkeypatch):
    job = finished(monkeypatch)
    ask_as(other_blender, job)
    state.jobs.clear()
    job_scan.scan_all(job.folder.path.parent)
    assert state.ready == []
    other_blender.kill()
    other_blender.wait()
    job_scan.scan_all(job.folder.path.parent)
    assert state.ready == [job.folder]


def test_an_offer_that_another_blender_imported_imports_nothing(finished, monkeypatch):
    job = finished(monkeypatch)
    state.jobs.clear()
    state.ready = [job.folder]
    job.folder.mark_imported()
    assert bpy.ops.text3d.import_job(job_id=job.folder.job_id) == {"CANCELLED"}
    assert not bpy.context.scene.objects
    assert state.ready == []
    assert bpy.ops.text3d.import_job(job_id=job.folder.job_id, again=True) == {"FINISHED"}
    assert len(bpy.context.scene.objects) == 1


def test_an_unreadable_object_is_released_for_other_blenders(finished, drive, monkeypatch):
    job = finished(monkeypatch)
    content = job.folder.mesh.read_bytes()
    job.folder.mesh.write_bytes(b"no arrays")
    monkeypatch.setattr(import_result, "reason_to_wait", lambda: "")
    drive(lambda: not state.jobs)
    assert state.problem.reason == "broken_job"
    assert not list(job.folder.path.glob("importing-*"))
    job.folder.mesh.write_bytes(content)
    assert bpy.ops.text3d.import_job(job_id=job.folder.job_id) == {"FINISHED"}


def test_objects_of_a_batch_are_not_offered(start_job, drive, monkeypatch):
    monkeypatch.setattr(import_result, "reason_to_wait", lambda: "It waits.")
    (job,) = start_job("a red chair")
    drive(lambda: job.end == "finished")
    first, *rest = job.folder.journal.read_text().splitlines()
    queued = {**json.loads(first), "is_for_blender": False}
    job.folder.journal.write_text("\n".join([json.dumps(queued), *rest, ""]))
    state.jobs.clear()
    job_scan.scan_all(job.folder.path.parent)
    assert state.ready == []
