# SPDX-License-Identifier: GPL-3.0-or-later
"""The class that follows a child process: each child is finished once, and its output removed after that."""

from types import SimpleNamespace

import pytest

from blender_text3d.addon.background import followed_child
from blender_text3d.addon.background.followed_child import FollowedChild


class FakeChild:
    """A child that is alive until the test ends it."""

    def __init__(self):
        self.alive, self.calls = True, []

    def is_alive(self):
        return self.alive

    def start(self):
        self.calls.append("start")

    def stop(self):
        self.calls.append("stop")

    def remove_output(self):
        self.calls.append("remove_output")


class Task(FollowedChild):
    def read(self, child):
        return not child.is_alive()

    def finish(self, child):
        child.calls.append("finish")


@pytest.fixture
def task():
    return Task()


@pytest.fixture
def child(task):
    child = FakeChild()
    task.follow(child)
    return child


def test_a_child_is_polled_until_it_ends(task, child):
    assert task.is_running()
    assert task.poll() == task.INTERVAL_S
    child.alive = False
    assert task.poll() is None
    assert not task.is_running()
    assert child.calls == ["start", "finish", "remove_output"]


def test_a_stopped_child_is_followed_until_it_has_ended(task, child):
    task.stop()
    assert not task.is_running()
    assert task.is_stopping()
    assert task.poll() == task.INTERVAL_S
    child.alive = False
    assert not task.is_stopping()
    assert task.poll() is None
    assert child.calls == ["start", "stop", "finish", "remove_output"]


def test_a_child_that_ends_at_once_when_stopped_needs_no_further_poll(task, child):
    child.stop = lambda: setattr(child, "alive", False)
    task.stop()
    assert not task.is_stopping()
    assert task.child is None


def test_a_detached_child_keeps_running_and_its_output_stays(task, child):
    task.detach()
    assert task.poll() is None
    assert child.calls == ["start"]


def test_a_child_that_cannot_be_started_is_not_followed(task):
    child = FakeChild()
    child.start = lambda: (_ for _ in ()).throw(OSError("no such file"))
    with pytest.raises(OSError, match="no such file"):
        task.follow(child)
    assert not task.is_running()


def test_the_next_child_of_a_stopped_one_runs(task, child):
    task.stop()
    child.alive = False
    task.poll()
    task.follow(FakeChild())
    assert task.is_running()
    assert not task.is_stopping()


class WindowedApp:
    """A stand-in for bpy.app with a window and its timers."""

    background = False

    def __init__(self):
        self.registered = []
        self.timers = SimpleNamespace(
            is_registered=lambda do: do in self.registered,
            register=lambda do, first_interval, persistent: self.registered.append(do),
            unregister=self.registered.remove,
        )


@pytest.fixture
def app(monkeypatch):
    app = WindowedApp()
    monkeypatch.setattr(followed_child, "bpy", SimpleNamespace(app=app))
    return app


def test_with_a_window_one_timer_polls_the_child_until_it_is_detached(app, task):
    task.follow(FakeChild())
    task.follow(FakeChild())
    assert app.registered == [task.poll]
    task.detach()
    assert app.registered == []
    task.detach()


def test_without_a_window_there_is_no_timer(app, task):
    app.background = True
    task.follow(FakeChild())
    assert app.registered == []


def test_waiting_ends_with_the_child(task, child, monkeypatch):
    task.INTERVAL_S = 0.003
    reads = []
    monkeypatch.setattr(task, "read", lambda child: reads.append(1) or len(reads) == 3)
    task.wait()
    assert (len(reads), task.child) == (3, None)
    task.wait()


def test_stopping_without_a_child_does_nothing(task):
    task.stop()
    assert not task.is_stopped
    assert not task.is_stopping()


def test_detaching_a_stopped_child_forgets_that_it_was_stopped(task, child):
    task.stop()
    task.detach()
    assert (task.is_stopped, task.child) == (False, None)


def test_a_stopped_child_is_not_read(task, child, monkeypatch):
    task.stop()
    monkeypatch.setattr(task, "read", lambda child: pytest.fail("it was read"))
    assert task.poll() == 0.3


def test_the_panels_are_redrawn_with_every_poll(task, child, monkeypatch):
    redrawn = []
    monkeypatch.setattr(followed_child.redraw, "panels", lambda: redrawn.append(1))
    task.poll()
    assert redrawn == [1]
