# SPDX-License-Identifier: GPL-3.0-or-later
"""The relay in this process: its queue, its waiting, its exit codes; and what a follower sends."""

import io
import queue
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.worker.rerun import relay
from blender_text3d.worker.rerun.live_view import LiveView
from tests.worker.rerun.sample_job import new_job, run_job

JOB = JobFolder(Path("/jobs/one"))
ADDRESS = "rerun+http://127.0.0.1:9876/proxy"


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping advances."""
    clock = SimpleNamespace(now=50.0, sleeps=[])

    def sleep(seconds):
        clock.sleeps.append(seconds)
        clock.now += seconds

    monkeypatch.setattr(relay, "time", SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep))
    return clock


@pytest.fixture
def stream(monkeypatch):
    """Replace the connection to a viewer, and return what it was asked to do."""
    calls = []

    class Stream:
        def __init__(self, application, recording_id, send_properties):
            calls.append(("open", application, recording_id, send_properties))

        def set_sinks(self, sink):
            calls.append(("sink", sink))

        def send_blueprint(self, layout, make_active):
            calls.append(("blueprint", make_active))

        def flush(self, timeout_sec):
            calls.append(("flush", timeout_sec))

    replaced = SimpleNamespace(
        RecordingStream=Stream,
        GrpcSink=lambda address: address,
        send_chunks=lambda chunks, recording: calls.append(("send", len(chunks))),
    )
    monkeypatch.setattr(relay, "rr", replaced)
    return calls


def test_a_follower_sends_each_chunk_once_and_stops_after_the_last_event(tmp_path, stream):
    job = new_job(tmp_path)
    run_job(job, LiveView())
    follower = relay.Follower(job, ADDRESS)
    assert stream == [
        ("open", "blender_text3d", job.job_id, False), ("sink", ADDRESS), ("blueprint", False),
    ]  # fmt: skip
    del stream[:]
    assert follower.send_new() is True
    (kind, count), flush = stream
    assert (kind, flush) == ("send", ("flush", 20.0))
    assert count > 10
    with job.rrd.open("ab") as file:
        file.write(b"\0")  # an incomplete message
    assert follower.send_new() is True
    job.append(Finished(elapsed_s=1.0, files={}))
    assert follower.send_new() is False
    assert len(stream) == 2


def test_a_missing_recording_is_waited_for(tmp_path, stream):
    follower = relay.Follower(new_job(tmp_path), ADDRESS)
    del stream[:]
    assert follower.send_new() is True
    assert stream == []


def test_queued_jobs_are_taken_together_and_an_empty_queue_is_left_after_a_pause(monkeypatch):
    jobs = queue.Queue()
    monkeypatch.setattr(relay, "POLL_EVERY_S", 0.001)
    assert relay.take_queued(jobs) == []
    for entry in (JOB, JOB, None):
        jobs.put(entry)
    assert relay.take_queued(jobs) == [JOB, JOB, None]


def test_jobs_are_followed_until_each_has_ended_or_the_queue_is_closed(monkeypatch):
    sent, pending = [], [[JOB], [], ["other"], [None]]

    class Follower:
        def __init__(self, job, address):
            self.job, self.left = job, 2
            assert address == ADDRESS

        def send_new(self):
            sent.append(self.job)
            self.left -= 1
            return self.left > 0

    monkeypatch.setattr(relay, "Follower", Follower)
    monkeypatch.setattr(relay, "take_queued", lambda jobs: pending.pop(0))
    relay.follow_all(queue.Queue(), ADDRESS)
    assert sent == [JOB, JOB, "other", "other"]
    assert pending == []


def test_jobs_named_on_stdin_are_queued_and_a_stuck_process_is_ended(monkeypatch, clock):
    exits, jobs = [], queue.Queue()
    monkeypatch.setattr(relay.sys, "stdin", io.StringIO("/jobs/one\n/jobs/two words \n"))
    monkeypatch.setattr(relay.os, "_exit", exits.append)
    relay.read_jobs(jobs)
    assert [jobs.get_nowait() for _ in range(3)] == [JOB, JobFolder(Path("/jobs/two words ")), None]
    assert (clock.sleeps, exits) == ([30.0], [3])


@pytest.mark.parametrize(
    ("is_open", "error", "code"), [(True, None, 0), (True, RuntimeError("gone"), 3), (False, None, 3)]
)
def test_the_exit_code_says_if_the_viewer_is_gone(monkeypatch, is_open, error, code):
    followed = []

    def follow_all(jobs, address):
        followed.append(address)
        if error:
            raise error

    monkeypatch.setattr(relay, "read_jobs", lambda jobs: None)
    monkeypatch.setattr(relay, "wait_for_port", lambda address, timeout_s: is_open and timeout_s == 30.0)
    monkeypatch.setattr(relay, "follow_all", follow_all)
    assert relay.main(ADDRESS) == code
    assert followed == ([ADDRESS] if is_open else [])


def test_an_open_port_is_found_with_and_without_the_prefix():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert relay.wait_for_port(f"rerun+http://127.0.0.1:{port}/proxy", 30.0)
        assert relay.wait_for_port(f"http://127.0.0.1:{port}", 30.0)


def test_a_closed_port_is_tried_every_quarter_of_a_second_until_the_timeout(monkeypatch, clock):
    tried = []

    def refuse(target, timeout):
        tried.append((target, timeout))
        raise ConnectionRefusedError

    monkeypatch.setattr(relay.socket, "create_connection", refuse)
    assert relay.wait_for_port("rerun+http://viewer.example.org/proxy", 1.0) is False
    assert tried == [(("viewer.example.org", 9876), 1.0)] * 4
    assert clock.sleeps == [0.25] * 4
