# SPDX-License-Identifier: GPL-3.0-or-later
"""The sink of a job: what goes into the recording and to the viewer, and what the first error ends."""

import pytest

from blender_text3d.protocol.events import Cancelled, Notice, Progress
from blender_text3d.worker.rerun import sink as sink_module
from blender_text3d.worker.rerun.sink import RerunSink
from tests.worker.rerun.sample_job import STARTED, new_job

PROGRESS = Progress(stage="sample", index=1, total=2)
NOTICE = Notice(message="Look.")
CANCELLED = Cancelled(stage="sample", index=1)
STOPPED = "The Rerun recording was stopped ({}). The object itself is not affected."


class View:
    """A viewer that is asked to follow, with problems to report."""

    def __init__(self):
        self.followed, self.problems, self.error = [], [], None

    def follow(self, folder, viewer):
        self.followed.append((folder, viewer))
        if self.error:
            raise self.error

    def take_problems(self):
        taken, self.problems = self.problems, []
        return taken


@pytest.fixture
def recorded(monkeypatch):
    """Replace the recording and return its calls; `broken` methods raise."""
    calls, broken = [], {}

    class Recording:
        def __init__(self, *arguments):
            calls.append(("open", *arguments))
            if "open" in broken:
                raise broken["open"]

        def __getattr__(self, name):
            def call(*arguments):
                calls.append((name, *arguments))
                if name in broken:
                    raise broken[name]

            return call

    monkeypatch.setattr(sink_module, "Recording", Recording)
    monkeypatch.setattr(sink_module, "merge_recordings", lambda folder: calls.append(("merge", folder)))
    return calls, broken


@pytest.fixture
def job(tmp_path):
    return new_job(tmp_path, viewer="spawn")


@pytest.fixture
def run(job):
    """Report a job of three events to a sink; return its notices."""

    def run(view):
        notices = []
        sink = RerunSink(job, view, notices.append)
        sink.start(job.read_request(), STARTED)
        sink.step(PROGRESS, "engine step", "preview")
        sink.step(NOTICE)
        sink.finish(CANCELLED, "result")
        sink.close()
        return notices

    return run


def test_events_are_recorded_in_order_and_the_recordings_merged_after_the_end(recorded, run, job):
    view = View()
    assert run(view) == []
    assert recorded[0] == [
        ("open", job.rrd, job.job_id, job.read_request()),
        ("log_start", STARTED),
        ("log_step", PROGRESS, "engine step", "preview"),
        ("log_event", NOTICE),
        ("log_end", CANCELLED, "result"),
        ("close",),
        ("merge", job),
    ]
    assert view.followed == [(job, "spawn")]


@pytest.mark.parametrize(
    ("method", "later"),
    [
        ("open", []),
        ("log_start", ["close"]),
        ("log_step", ["close"]),
        ("log_event", ["close"]),
        ("log_end", ["close"]),
        ("close", ["merge"]),
    ],
)
def test_the_first_error_ends_the_recording_and_is_reported_once(recorded, run, method, later):
    calls, broken = recorded
    broken[method] = RuntimeError("disk full")
    assert run(View()) == [STOPPED.format("disk full")]
    names = [name for name, *_ in calls]
    assert names[names.index(method) + 1 :] == later


def test_an_error_while_closing_after_an_error_is_not_reported(recorded, run):
    recorded[1].update(log_step=RuntimeError("first"), close=RuntimeError("second"))
    assert run(View()) == [STOPPED.format("first")]


def test_problems_of_the_viewer_are_reported_after_the_start_and_each_step(recorded, job):
    view, notices = View(), []
    sink = RerunSink(job, view, notices.append)
    view.problems = ["no display"]
    sink.start(job.read_request(), STARTED)
    assert notices == ["no display"]
    view.problems = ["gone", "really"]
    sink.step(PROGRESS)
    assert notices == ["no display", "gone", "really"]
    view.problems = ["late"]
    sink.step(NOTICE)
    assert notices[-1] == "late"


def test_without_a_recording_the_viewers_problems_are_still_reported(recorded, job):
    recorded[1]["open"] = OSError("read-only")
    view, notices = View(), []
    sink = RerunSink(job, view, notices.append)
    sink.start(job.read_request(), STARTED)
    view.problems = ["gone"]
    sink.step(PROGRESS)
    sink.step(NOTICE)
    assert notices == [STOPPED.format("read-only"), "gone"]


def test_an_error_of_the_viewer_ends_the_recording_too(recorded, run):
    view = View()
    view.error = ValueError("odd address")
    assert run(view) == [STOPPED.format("odd address")]
