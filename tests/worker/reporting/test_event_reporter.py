# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of one job: their numbers, their order, and what a broken sink or journal ends."""

from types import SimpleNamespace

import pytest

from blender_text3d.protocol.events import Finished, Made, Started
from blender_text3d.worker.reporting import event_reporter
from blender_text3d.worker.reporting.eta import EtaEstimator
from blender_text3d.worker.reporting.event_reporter import EventReporter
from tests.worker.scripted_engine import CLOUD

STARTED = Started(
    pid=1, host="here", device="cpu", device_name="CPU", engine_version="1", torch_version="2", weights_sha256=""
)
FINISHED = Finished(elapsed_s=1.0, files={})


class Sink:
    """A sink that records its calls and fails in one method."""

    def __init__(self, calls, name="", broken=""):
        self.calls, self.name, self.broken = calls, name, broken

    def __getattr__(self, method):
        def call(*arguments):
            self.calls.append((self.name, method, *arguments))
            if method == self.broken:
                raise RuntimeError("broken sink")

        return call


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(event_reporter, "time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr(event_reporter, "memory_mb", lambda: 512.5)
    return clock


@pytest.fixture
def job(new_job):
    return new_job("a red chair")


@pytest.fixture
def reporter(job, clock):
    return EventReporter(job, EtaEstimator())


def test_a_step_has_its_place_time_estimate_memory_and_noise(job, reporter, clock):
    clock.now = 102.00049
    progress = reporter.step("export", 1, 4, preview=CLOUD, engine_step=SimpleNamespace(sigma=0.5))
    assert progress == job.last_event()
    assert (progress.stage, progress.index, progress.total) == ("export", 1, 4)
    assert (progress.elapsed_s, progress.eta_s, progress.memory_mb) == (2.0, 6.001, 512.5)
    assert (progress.sigma, progress.preview) == (0.5, True)


def test_a_step_without_the_engine_has_no_noise_and_no_preview(reporter):
    progress = reporter.step("load", 0, 2)
    assert (progress.sigma, progress.preview, progress.eta_s) == (None, False, None)


def test_the_time_of_a_job_starts_with_its_reporter(job, clock):
    eta = EtaEstimator()
    EventReporter(job, eta).step("sample", 1, 1)
    clock.now = 200.0
    later = EventReporter(job, eta)
    clock.now = 201.5
    assert later.elapsed_s() == 1.5
    assert later.step("export", 1, 2).eta_s == 1.5


def test_sinks_receive_all_events_after_they_are_attached(job, reporter):
    calls = []
    reporter.step("load", 0, 2)
    reporter.attach([Sink(calls)])
    step = SimpleNamespace(sigma=1.0)
    reporter.start("the request", STARTED)
    progress = reporter.step("sample", 1, 1, engine_step=step)
    reporter.notice("Look.")
    reporter.end(FINISHED, "the result")
    notice = next(event for event in job.events() if event.kind == "notice")
    assert notice.message == "Look."
    assert calls == [
        ("", "start", "the request", STARTED),
        ("", "step", progress, step, None),
        ("", "step", notice),
        ("", "finish", FINISHED, "the result"),
        ("", "close"),
    ]
    assert [event.kind for event in job.events()] == ["queued", "stepped", "started", "stepped", "notice", "finished"]


def test_the_last_event_is_written_after_every_sink_is_closed(job, reporter, monkeypatch):
    order = []
    monkeypatch.setattr(type(job), "append", lambda folder, event: order.append(event.kind))
    reporter.attach([Sink(order, "one"), Sink(order, "two")])
    reporter.end(FINISHED, None)
    assert [entry if isinstance(entry, str) else entry[:2] for entry in order] == [
        ("one", "finish"), ("two", "finish"), ("one", "close"), ("two", "close"), "finished",
    ]  # fmt: skip


@pytest.mark.parametrize("broken", ["start", "step", "finish", "close"])
def test_a_broken_sink_is_left_out_and_the_others_go_on(job, reporter, capsys, broken):
    calls = []
    reporter.attach([Sink(calls, "bad", broken), Sink(calls, "good")])
    reporter.start(None, STARTED)
    reporter.step("sample", 1, 1)
    reporter.end(FINISHED, None)
    methods = ["start", "step", "finish", "close"]
    assert [call[1] for call in calls if call[0] == "good"] == methods
    assert [call[1] for call in calls if call[0] == "bad"] == methods[: methods.index(broken) + 1]
    assert capsys.readouterr().err.count("broken sink") == 2  # once in the traceback's code, once as its message
    assert job.last_event() == FINISHED


def test_an_error_in_the_journal_is_raised_before_a_sink_hears_of_the_step(job, reporter):
    calls = []
    reporter.attach([Sink(calls)])
    job.journal.unlink()
    job.journal.mkdir()
    for report in (
        lambda: reporter.start(None, STARTED),
        lambda: reporter.step("sample", 1, 1),
        lambda: reporter.notice("a"),
    ):
        with pytest.raises(IsADirectoryError):
            report()
    assert calls == []


def test_a_made_object_is_reported_and_its_files_teach_the_estimate_of_other_jobs_nothing(job, clock):
    eta = EtaEstimator()
    reporter = EventReporter(job, eta)
    reporter.step("sample", 1, 1)
    reporter.made(Made(elapsed_s=1.0, files={"mesh": "mesh.npz"}))
    reporter.step("export", 1, 1)
    assert [event.kind for event in job.events()] == ["queued", "stepped", "made", "stepped"]
    assert "sample" in eta._durations_s
    assert "export" not in eta._durations_s
