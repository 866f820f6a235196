# SPDX-License-Identifier: GPL-3.0-or-later
"""Slow jobs are distinguished from stalled ones."""

import pytest

from blender_text3d.addon.panels.main import progress_text
from blender_text3d.addon.panels.messages import stall_message
from blender_text3d.addon.state import active_job
from blender_text3d.addon.state.session_state import apply_event, state
from blender_text3d.protocol.events import Cancelled, Notice, Progress, Started
from tests.blender.recording_layout import drawn

STARTED = Started(
    pid=1, host="here", device="cpu", device_name="Test Device", engine_version="0", torch_version="0",
    weights_sha256="abc",
)  # fmt: skip


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the test moves."""

    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(active_job, "time", clock)
    return clock


@pytest.fixture
def job(clock, start_job):
    """A job that no worker claims, so that its events are only those of the test."""
    (job,) = start_job("silent")
    job.stage_since = job.updated_at = clock.now
    return job


def test_a_quick_stage_shows_no_time(job, clock):
    apply_event(job, STARTED)
    clock.now += 4
    assert progress_text(job) == "Loading Model"


def test_a_stage_without_steps_shows_its_elapsed_time(job, clock):
    apply_event(job, STARTED)
    clock.now += 12
    assert progress_text(job) == "Loading Model  ·  12 s"
    clock.now += 1
    assert progress_text(job) == "Loading Model  ·  13 s"


def test_the_time_is_the_stages_not_the_last_steps(job, clock):
    for index in (1, 2, 3):
        clock.now += 20
        apply_event(job, Progress(stage="sample", index=index, total=25, eta_s=440.0))
    assert progress_text(job) == "Sampling  ·  3/25  ·  7 min left"
    clock.now += 15
    assert progress_text(job) == "Sampling  ·  3/25  ·  55 s  ·  7 min left"


def test_time_left_counts_down_and_vanishes_when_it_was_wrong(job, clock):
    apply_event(job, Progress(stage="sample", index=1, total=2, eta_s=20.0))
    clock.now += 8
    assert progress_text(job).endswith("8 s  ·  12 s left")
    clock.now += 30
    assert progress_text(job) == "Sampling  ·  1/2  ·  38 s"


def test_a_notice_is_news_but_no_new_stage(job, clock):
    apply_event(job, STARTED)
    clock.now += 12
    apply_event(job, Notice(message="Words."))
    assert progress_text(job) == "Loading Model"
    clock.now += 6
    assert progress_text(job) == "Loading Model  ·  18 s"


def test_a_silent_live_worker_is_reported(job, clock):
    assert state.session.worker.is_alive()
    apply_event(job, STARTED)
    clock.now += 59
    assert stall_message(job) == ""
    clock.now += 61
    assert stall_message(job) == "Still running, last update 2 min ago"
    assert "Still running, last update 2 min ago" in drawn()


def test_an_exited_worker_is_not_reported_as_running(job, clock):
    apply_event(job, STARTED)
    clock.now += 600
    state.session.worker.kill()
    assert stall_message(job) == ""


def test_a_queued_job_counts_from_its_turn(job, clock, start_job):
    (second,) = start_job("silent too")
    assert progress_text(second) == "Starting"
    clock.now += 300
    apply_event(job, STARTED)
    apply_event(job, Cancelled(stage="sample", index=1))
    assert progress_text(second) == "Waiting"
    clock.now += 7
    assert progress_text(second) == "Waiting  ·  7 s"


def test_canceling_shows_how_long_the_step_takes(job, clock):
    apply_event(job, Progress(stage="sample", index=1, total=25, eta_s=400.0))
    job.is_cancel_requested = True
    assert progress_text(job) == "Canceling…"
    clock.now += 30
    assert progress_text(job) == "Canceling…  ·  30 s"
