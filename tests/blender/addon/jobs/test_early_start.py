# SPDX-License-Identifier: GPL-3.0-or-later
"""The start of the worker when the sidebar is first shown."""

from types import SimpleNamespace

import pytest

from blender_text3d.addon.jobs import early_start


@pytest.fixture
def started(monkeypatch):
    """The (model, device) that a session was started early with."""
    started = []
    session = SimpleNamespace(start_early=lambda model, device: started.append((model, device)))
    chosen = SimpleNamespace(starts_early=True)
    monkeypatch.setattr(early_start, "choices", lambda: chosen)
    monkeypatch.setattr(early_start, "worker_problem", lambda chosen: None)
    monkeypatch.setattr(early_start, "session_for", lambda chosen: session)
    monkeypatch.setattr(early_start, "settings_of", lambda scene: SimpleNamespace(model="mini/point-e", device="cpu"))
    return SimpleNamespace(calls=started, chosen=chosen)


def test_the_model_of_the_panel_is_loaded(started):
    early_start.start_worker()
    assert started.calls == [("mini/point-e", "cpu")]


def test_a_model_of_gigabytes_is_not_loaded_unasked(started, monkeypatch):
    monkeypatch.setattr(
        early_start, "settings_of", lambda scene: SimpleNamespace(model="shap-e/text300M", device="auto")
    )
    early_start.start_worker()
    assert started.calls == [("mini/shap-e", "auto")]


def test_the_preference_forbids_it(started):
    started.chosen.starts_early = False
    early_start.start_worker()
    assert started.calls == []


def test_without_an_environment_nothing_is_started(started, monkeypatch):
    monkeypatch.setattr(early_start, "worker_problem", lambda chosen: "a problem")
    early_start.start_worker()
    assert started.calls == []


@pytest.fixture
def timers(monkeypatch):
    """The functions that are registered as timers."""
    timers = []
    app = SimpleNamespace(
        background=False,
        timers=SimpleNamespace(
            register=lambda function, first_interval: timers.append(function),
            unregister=timers.remove,
            is_registered=lambda function: function in timers,
        ),
    )
    monkeypatch.setattr(early_start, "bpy", SimpleNamespace(app=app))
    monkeypatch.setattr(early_start, "_requested", [])
    return SimpleNamespace(registered=timers, app=app)


def test_drawing_often_requests_one_start(timers):
    early_start.request()
    early_start.request()
    assert timers.registered == [early_start.start_worker]


def test_a_disabled_add_on_starts_nothing_and_asks_again_when_it_is_enabled(timers):
    early_start.request()
    early_start.cancel()
    assert timers.registered == []
    early_start.request()
    assert timers.registered == [early_start.start_worker]


def test_background_mode_starts_no_worker(timers):
    timers.app.background = True
    early_start.request()
    assert timers.registered == []
