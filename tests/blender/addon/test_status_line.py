# SPDX-License-Identifier: GPL-3.0-or-later
"""The line in the status bar when an object is done."""

from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon import status_line
from blender_text3d.addon.state.session_state import state


@pytest.fixture
def window(monkeypatch):
    """A stand-in for a Blender with a window: its status texts and its timers."""
    shown, timers = [], {}
    workspace = SimpleNamespace(status_text_set=shown.append)
    app = SimpleNamespace(
        background=False,
        timers=SimpleNamespace(
            register=lambda do, first_interval, persistent: timers.update({do: first_interval}),
            unregister=lambda do: timers.pop(do),
            is_registered=lambda do: do in timers,
        ),
    )
    monkeypatch.setattr(status_line, "bpy", SimpleNamespace(app=app, types=bpy.types))
    monkeypatch.setattr(status_line.redraw, "windows", lambda: [SimpleNamespace(workspace=workspace)])
    return SimpleNamespace(shown=shown, timers=timers)


@pytest.fixture
def chair(scene):
    data = bpy.data.meshes.new("chair")
    data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    return bpy.data.objects.new("chair", data)


def test_it_says_what_how_large_and_how_long(chair):
    assert status_line.done_text("a red mushroom", [chair], 6.2) == "a red mushroom  ·  1 face  ·  6 s"


def test_a_cloud_has_points(scene):
    data = bpy.data.meshes.new("cloud")
    data.vertices.add(4096)
    assert status_line.size_text(bpy.data.objects.new("cloud", data)) == "4.1k points"
    if "resize" in bpy.types.PointCloud.bl_rna.functions:  # not in Blender 4.2
        native = bpy.data.pointclouds.new("cloud")
        native.resize(12)
        assert status_line.size_text(bpy.data.objects.new("cloud", native)) == "12 points"


def test_it_is_shown_for_some_seconds_and_a_second_one_is_shown_as_long(window, chair):
    status_line.show_done("a chair", [chair], 3)
    status_line.show_done("a boat", [chair], 3)
    assert [text.split("  ")[0] for text in window.shown] == ["a chair", "a boat"]
    assert list(window.timers.values()) == [status_line.SHOWN_FOR_S]
    for clear in list(window.timers):
        assert clear() is None
    assert window.shown[-1] is None


def test_disabling_the_add_on_clears_it(window, chair):
    status_line.show_done("a chair", [chair], 3)
    status_line.reset()
    assert window.shown[-1] is None
    assert not window.timers


def test_every_imported_object_is_announced_with_its_name_and_time(start_job, drive, monkeypatch):
    announced = []
    monkeypatch.setattr(
        status_line, "show_done", lambda name, made, seconds: announced.append((name, len(made), seconds))
    )
    start_job("a chair", outputs="both")
    drive(lambda: not state.jobs)
    ((name, count, seconds),) = announced
    assert (name, count) == ("a chair", 2)
    assert 0 < seconds < 60
