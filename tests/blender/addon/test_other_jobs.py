# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of other Blenders and of terminals in the queue: shown as such, left alone, and never imported twice."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.jobs import image_icons, job_scan, queue_list, queue_timer
from blender_text3d.addon.operators import result_files
from blender_text3d.addon.panels.jobs import TEXT3D_PT_jobs
from blender_text3d.addon.results.strip import strip
from blender_text3d.addon.settings.choices import choices
from blender_text3d.addon.state.session_state import state
from blender_text3d.protocol.events import Progress, Queued
from blender_text3d.system import run_steps
from blender_text3d.system.machine import machine_id
from blender_text3d.system.process import process_start_token
from tests.blender.recording_layout import RecordingLayout
from tests.client.results.jobs import FINISHED, write_job

STEP = Progress(stage="sample", index=1, total=4)


@pytest.fixture
def other_process():
    """A live process as a stand-in for a second Blender, or for the script in a terminal."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def new_job(addon, other_process):
    """A function that writes a job of the other process; a running one has been claimed by its worker."""

    def new_job(name="20260101-000001-a", prompt="a blue car", *, is_running=True, **queued):
        started = process_start_token(other_process.pid)
        first = Queued(**{"pid": other_process.pid, "started": started, "machine": machine_id()} | queued)
        job = write_job(choices().jobs_dir, name, prompt)
        job.journal.write_text(first.to_json() + "\n")
        if is_running:
            job.append(STEP)
            claim = {"pid": os.getpid(), "parent": 1, "host": first.host, "machine": machine_id(), "time": 0.0}
            (job.path / "claim.json").write_text(json.dumps(claim))
        return job

    return new_job


@pytest.fixture
def clock(monkeypatch):
    """A clock that advances by 1.5 ms whenever it is read."""
    ticks = iter(range(1_000_000))
    clock = SimpleNamespace(perf_counter=lambda: 0.0015 * next(ticks))
    monkeypatch.setattr(run_steps, "time", clock)


class EnabledLayout(RecordingLayout):
    """A layout that notes which operators are not grayed out."""

    enabled = True
    names: list[str]

    def part(self, *more, **options):
        part = super().part(*more, **options)
        part.enabled, part.names = self.enabled, self.names
        return part

    row = column = box = split = grid_flow = part

    def operator(self, identifier, **options):
        if self.enabled:
            self.names.append(identifier.removeprefix("text3d."))
        return super().operator(identifier, **options)


def tick_until(condition):
    """Run ticks of the queue's timer, at most a hundred."""
    for _ in range(100):
        if condition():
            return
        queue_timer.tick()
    pytest.fail("the queue does not show it")


def find():
    """Look for jobs of others, as when the panel is drawn."""
    queue_timer.tick()
    tick_until(lambda: not job_scan.is_scanning())


def draw(layout=None):
    layout = layout or RecordingLayout()
    TEXT3D_PT_jobs.draw(SimpleNamespace(layout=layout), bpy.context)
    return layout


def enabled():
    """Return the operators that the panel offers now, without those of every queue."""
    layout = EnabledLayout()
    layout.names = []
    draw(layout)
    return set(layout.names) - {"queue_pause", "find_jobs", "free_memory"}


def listed():
    return [row.job_id for row in bpy.context.window_manager.text3d_queue]


def test_jobs_of_another_blender_and_of_a_terminal_are_listed_as_such(new_job):
    assert draw().texts[0] == "No jobs"
    new_job("20260101-000001-a", "a blue car")
    new_job("20260101-000002-b", "a red cup", is_running=False, is_for_blender=False)
    new_job("20260101-000003-c", "a green boat", is_running=False, host="elsewhere", machine="0123")
    find()
    assert draw().texts[:6] == [
        "a blue car  (5)", "Other Blender · 25%", "a red cup  (5)", "Terminal · Waiting", "a green boat  (5)",
        "Remote · Waiting",
    ]  # fmt: skip


def test_seed_and_name_of_the_selected_job_are_told_under_the_list(new_job, start_job):
    bpy.ops.text3d.queue_pause()
    (own,) = start_job("a chair")
    new_job()
    find()
    for index, text in enumerate((f"Seed {own.request.seed}  ·  a chair", "Seed 5  ·  a blue car")):
        bpy.context.window_manager.text3d_queue_index = index
        assert [label for label in draw().texts if label.startswith("Seed")] == [text]


def test_own_jobs_come_first_and_running_ones_of_others_before_waiting_ones(new_job, start_job):
    waiting = new_job("20260101-000001-a", is_running=False)
    running = new_job("20260101-000002-b")
    bpy.ops.text3d.queue_pause()
    (own,) = start_job("a chair")
    find()
    assert listed() == [own.folder.job_id, running.job_id, waiting.job_id]


def test_a_row_follows_its_job_and_goes_when_it_has_ended(new_job, scene):
    job = new_job(is_running=False)
    find()
    assert "Other Blender · Waiting" in draw().texts
    (job.path / "claim.json").write_text(json.dumps({"pid": os.getpid(), "parent": 1, "host": "", "time": 0.0}))
    tick_until(lambda: "Other Blender · 0%" in draw().texts)
    job.append(STEP)
    tick_until(lambda: "Other Blender · 25%" in draw().texts)
    job.append(FINISHED)
    tick_until(lambda: listed() == [])
    assert state.ready == state.orphaned == []
    assert not scene.objects


def test_a_job_whose_blender_is_gone_becomes_one_of_an_earlier_session_and_is_imported_once(
    new_job, other_process, scene, start_job, drive
):
    (source,) = start_job("a red chair")
    drive(lambda: not state.jobs)
    bpy.data.objects.remove(scene.objects[0])
    job = new_job()
    find()
    assert "Other Blender · 25%" in draw().texts
    other_process.kill()
    other_process.wait()
    tick_until(lambda: "Earlier session · 25%" in draw().texts)
    assert state.orphaned == [job]
    job.mesh.write_bytes(source.folder.mesh.read_bytes())
    job.append(FINISHED)
    drive(lambda: state.ready == [job])
    assert "a blue car  (5)" in draw().texts
    tick_until(lambda: listed() == [])
    assert bpy.ops.text3d.import_job() == {"FINISHED"}
    assert [item["text3d_job_id"] for item in scene.objects] == [job.job_id]
    find()
    assert state.ready == []


def test_a_waiting_job_whose_blender_is_gone_can_be_resumed(new_job, other_process):
    job = new_job(is_running=False)
    find()
    other_process.kill()
    other_process.wait()
    tick_until(lambda: state.unclaimed == [job])
    assert listed() == []


def test_the_buttons_of_a_job_of_another_process_are_grayed_out_but_its_files_are_shown(new_job, monkeypatch):
    job, opened = new_job(), []
    find()
    assert queue_list.selected_id() == job.job_id
    assert enabled() == {"result_reveal"}
    path_open = SimpleNamespace(path_open=lambda filepath: opened.append(filepath) or {"FINISHED"})
    monkeypatch.setattr(result_files, "bpy", SimpleNamespace(ops=SimpleNamespace(wm=path_open)))
    monkeypatch.setattr(strip, "is_loaded", True)  # and it has no results
    assert bpy.ops.text3d.result_reveal(job_id=job.job_id) == {"FINISHED"}
    assert opened == [str(job.path)]


def test_operators_of_the_queue_refuse_a_job_of_another_process(new_job, start_job, drive):
    job = new_job()
    start_job("it fails")
    drive(lambda: not state.jobs)
    find()
    assert bpy.ops.text3d.retry_job(job_id=job.job_id) == {"CANCELLED"}
    bpy.ops.text3d.remove_job(job_id=job.job_id)
    bpy.ops.text3d.leave_jobs(job_id=job.job_id)
    assert not job.is_cancel_requested()
    assert not job.is_imported()
    assert job.job_id in listed()


def test_a_running_job_of_an_earlier_session_can_be_left(new_job, other_process):
    job = new_job(pid=1, started="gone")
    find()
    assert enabled() == {"result_reveal", "leave_jobs"}
    bpy.ops.text3d.leave_jobs(job_id=job.job_id)
    queue_list.refresh()
    assert listed() == []
    assert job.is_cancel_requested()


def test_drawing_the_queue_reads_no_files(new_job, start_job, monkeypatch):
    bpy.ops.text3d.queue_pause()
    start_job("a chair", count=2)
    for number in range(3):
        new_job(f"20260101-00000{number}-a")
    find()
    draw()  # choices are read once
    image_icons.clear()  # as for rows that are drawn first
    monkeypatch.setattr(image_icons, "has_window", lambda: True)
    monkeypatch.setattr(image_icons, "schedule", lambda do: None)
    for name in ("open", "stat", "lstat", "exists", "iterdir"):
        monkeypatch.setattr(Path, name, lambda path, *_, **__: pytest.fail(f"{path} was read"))
    draw()


def test_a_tick_reads_some_of_many_jobs_and_the_next_one_goes_on(new_job, clock, monkeypatch):
    for number in range(10):
        new_job(f"20260101-{number:06}-a")
    find()
    read = []
    monkeypatch.setattr(queue_timer, "read_again", lambda other: read.append(other.folder.job_id))
    monkeypatch.setattr(queue_timer, "_reading", None)
    counts = []
    while len(read) < 10:
        queue_timer.tick()
        counts.append(len(read))
    assert read == sorted(read)
    assert counts == [2, 4, 6, 8, 10]  # in 4 ms each


def test_an_unchanged_jobs_folder_is_not_listed_again(new_job, monkeypatch):
    new_job()
    find()
    monkeypatch.setattr(job_scan, "all_names_in", lambda folder: pytest.fail("it was listed again"))
    for _ in range(3):
        queue_timer.tick()
    assert len(listed()) == 1


def test_a_job_folder_that_is_deleted_leaves_the_list(new_job):
    job = new_job()
    find()
    for path in (job.request, job.journal, job.path / "claim.json"):
        path.unlink()
    job.path.rmdir()
    tick_until(lambda: listed() == [])


def test_disabling_the_add_on_forgets_the_jobs_of_others_and_the_next_drawing_finds_them(new_job):
    import blender_text3d

    new_job()
    find()
    blender_text3d.unregister()
    blender_text3d.register()
    assert state.others == {}
    find()
    assert len(listed()) == 1
