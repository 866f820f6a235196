# SPDX-License-Identifier: GPL-3.0-or-later
"""What the add-on does when a file is loaded and around undo, each handler by itself."""

from types import SimpleNamespace

import bpy
import numpy as np
import pytest

from blender_text3d.addon import handlers, one_shot_timer, redraw
from blender_text3d.addon.jobs import job_scan
from blender_text3d.geometry import PointCloud
from blender_text3d.scene.find import find_previews
from blender_text3d.scene.preview_object import show_preview


@pytest.fixture
def windowed(monkeypatch):
    """Blender with a window, and its timers."""
    registered = []
    timers = SimpleNamespace(
        is_registered=lambda do: any(do is item[0] for item in registered),
        register=lambda do, first_interval, persistent: registered.append((do, first_interval, persistent)),
        unregister=lambda do: registered.remove(next(item for item in registered if item[0] is do)),
    )
    app = SimpleNamespace(background=False, timers=timers, handlers=bpy.app.handlers)
    for module in (handlers, one_shot_timer):
        monkeypatch.setattr(module, "bpy", SimpleNamespace(app=app))
    return registered


@pytest.fixture
def preview(scene):
    """A function that shows a preview of a job."""

    def preview(job_id):
        points = np.random.default_rng(0).random((9, 3), dtype=np.float32)
        return show_preview(job_id, job_id, PointCloud(points, points), size=1.0, location=(0, 0, 0), scene=scene)

    return preview


@pytest.fixture
def scans(monkeypatch):
    """The scans that were started."""
    scans = []
    monkeypatch.setattr(job_scan, "start_scan", scans.append)
    monkeypatch.setattr(handlers.poll_timer, "start", lambda: scans.append("timer"))
    return scans


def test_a_loaded_file_gets_no_objects_of_jobs_that_run_and_those_that_wait_are_offered(
    clean_state, new_job, preview, scans
):
    running, waiting = new_job("running"), new_job("waiting")
    waiting.end = "finished"
    preview("running")
    handlers.on_load()
    assert (running.target, waiting.target) == (None, None)
    assert (list(clean_state.jobs), clean_state.ready) == (["running"], [waiting.folder])
    assert find_previews() == []
    assert [getattr(scan, "name", scan) for scan in scans] == ["jobs", "timer"]


def test_previews_stay_for_jobs_that_have_a_target(new_job, preview):
    new_job("mine")
    new_job("of another file").target = None
    kept = preview("mine")
    for job_id in ("of another file", "ended"):
        preview(job_id)
    handlers.remove_stale()
    assert find_previews() == [kept]


def test_before_an_undo_all_previews_are_removed(new_job, preview, monkeypatch):
    from blender_text3d.scene import collection

    refreshed = []
    monkeypatch.setattr(collection, "refresh_view_layers", lambda: refreshed.append(len(find_previews())))
    new_job("mine")
    preview("mine")
    handlers.before_undo()
    assert (find_previews(), refreshed) == ([], [0])


def test_after_an_undo_running_jobs_show_their_preview_again(new_job, preview):
    running, ended = new_job("running"), new_job("ended")
    ended.end = "finished"
    preview("of an older state")
    handlers.on_undo()
    assert (running.has_new_preview, ended.has_new_preview) == (True, False)
    assert find_previews() == []


def test_with_a_window_previews_of_an_older_state_are_removed_by_a_timer(new_job, preview, windowed):
    stale = preview("of an older state")
    handlers.on_undo()
    handlers.on_undo()
    assert windowed == [(handlers.remove_stale, 0.0, True)]
    assert find_previews() == [stale]


def test_each_handler_is_added_once_and_the_scan_starts_after_the_window_is_drawn(windowed):
    lists = ("load_post", "undo_pre", "redo_pre", "undo_post", "redo_post")
    before = {name: list(getattr(bpy.app.handlers, name)) for name in lists}
    handlers.add()
    added = {name: list(getattr(bpy.app.handlers, name))[len(before[name]) :] for name in lists}
    assert added == {
        "load_post": [handlers.on_load],
        "undo_pre": [handlers.before_undo],
        "redo_pre": [handlers.before_undo],
        "undo_post": [handlers.on_undo],
        "redo_post": [handlers.on_undo],
    }
    assert windowed == [(handlers.scan_jobs, 1.5, True)]
    one_shot_timer.schedule(handlers.remove_stale, 0.0)
    handlers.remove()
    handlers.remove()
    assert {name: list(getattr(bpy.app.handlers, name)) for name in lists} == before
    assert windowed == []


def test_without_a_window_nothing_is_scanned(scans):
    handlers.add()
    handlers.remove()
    assert scans == []


def test_the_viewports_and_the_preferences_of_all_windows_are_redrawn(monkeypatch):
    tagged = []

    def window(*kinds):
        areas = [SimpleNamespace(type=kind, tag_redraw=lambda kind=kind: tagged.append(kind)) for kind in kinds]
        return SimpleNamespace(screen=SimpleNamespace(areas=areas))

    found = [window("VIEW_3D", "OUTLINER"), window("PREFERENCES", "IMAGE_EDITOR", "VIEW_3D")]
    manager = SimpleNamespace(windows=found)
    monkeypatch.setattr(redraw, "bpy", SimpleNamespace(context=SimpleNamespace(window_manager=manager)))
    redraw.panels()
    assert tagged == ["VIEW_3D", "PREFERENCES", "VIEW_3D"]
    monkeypatch.setattr(redraw, "bpy", SimpleNamespace(context=SimpleNamespace(window_manager=None)))
    assert redraw.windows() == []
