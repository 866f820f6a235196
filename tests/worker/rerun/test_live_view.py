# SPDX-License-Identifier: GPL-3.0-or-later
"""A viewer may be missing, unresponsive or killed: the job and its recording are complete in any case.

The viewer in these tests is Rerun's program without a window (--serve-grpc), which accepts the same data.
"""

import os
import shlex
import signal
import socket
import subprocess
import time
from contextlib import suppress

import psutil
import pytest
from rerun.chunk import RrdReader

from blender_text3d.worker.rerun import live_view
from blender_text3d.worker.rerun import viewer as rerun_viewer
from blender_text3d.worker.rerun.live_view import NO_DISPLAY, NO_PROGRAM, LiveView
from blender_text3d.worker.rerun.viewer import LOOPBACK, free_port, viewer_environment, viewer_executable
from tests.worker.rerun.recorded_rows import rows
from tests.worker.rerun.sample_job import STEPS, new_job, run_job
from tests.worker.rerun.viewer_screenshot import can_draw

RETRY_FOR_S = 600


def wait_until(is_true):
    """Poll a condition; fail the test after RETRY_FOR_S."""
    end = time.monotonic() + RETRY_FOR_S
    while not is_true():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


def stopper(relays):
    """Return a callback that stops the relay at the first step, so that it can neither continue nor give up."""

    def stop(index):
        if index == 1:
            relays[0].send_signal(signal.SIGSTOP)

    return stop


def received_by(viewer):
    """Return the rows that a viewer has received; none while its file ends in an incomplete message."""
    try:
        return rows(viewer.seen)
    except (OSError, ValueError, RuntimeError):
        return {}


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


@pytest.fixture
def live():
    live = LiveView()
    yield live
    live.close()


@pytest.fixture
def relays(monkeypatch):
    """Return the relay processes that were started; they are killed after the test."""
    started = []

    def start(address):
        started.append(start_relay(address))
        return started[-1]

    start_relay = live_view.start_relay
    monkeypatch.setattr(live_view, "start_relay", start)
    yield started
    for relay in started:
        relay.kill()
        relay.wait()


@pytest.fixture
def viewer(tmp_path):
    """Start a viewer without a window that saves the received data to a file."""
    port = free_port()
    options = ["--serve-grpc", "--bind", LOOPBACK, "--port", str(port), "--save", tmp_path / "seen.rrd"]
    process = subprocess.Popen([viewer_executable(), *options], env=viewer_environment(os.environ))
    process.address = f"rerun+http://{LOOPBACK}:{port}/proxy"
    process.seen = tmp_path / "seen.rrd"
    wait_until(lambda: is_listening(port))
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def windowless(tmp_path, monkeypatch):
    """Return a replacement of the viewer without a window, and a function that lists the processes started."""
    monkeypatch.setenv("DISPLAY", ":0")
    starts = tmp_path / "starts"
    program = tmp_path / "rerun"
    quoted = shlex.quote(str(viewer_executable()))
    program.write_text(f'#!/bin/sh\necho $$ >> {shlex.quote(str(starts))}\nexec {quoted} --serve-grpc "$@"\n')
    program.chmod(0o755)
    program_and_pids = program, lambda: [int(pid) for pid in starts.read_text().split()] if starts.exists() else []
    yield program_and_pids
    for pid in program_and_pids[1]():
        with suppress(psutil.NoSuchProcess):
            psutil.Process(pid).kill()


def assert_complete(job):
    """Assert that the recording on disk has every step and the final mesh, and that Rerun verifies it."""
    recorded = rows(job.rrd)
    assert len(recorded["/job/curves/step_time_s"]["Scalars:scalars"]) == STEPS + 1
    assert "Mesh3D:vertex_positions" in recorded["/job/result/mesh"]
    assert subprocess.run([viewer_executable(), "rrd", "verify", job.rrd], capture_output=True).returncode == 0


def test_a_viewer_at_an_address_receives_the_complete_recording(tmp_path, live, viewer):
    job = new_job(tmp_path, viewer=viewer.address)
    assert len(run_job(job, live)) == 0
    live.close()

    wait_until(lambda: "/job/result/mesh" in received_by(viewer))
    seen, recorded = received_by(viewer), rows(job.rrd)
    assert {entity for entity in recorded if entity.startswith("/job")} <= set(seen)
    sigma = "/job/curves/sigma"
    assert seen[sigma]["Scalars:scalars"] == recorded[sigma]["Scalars:scalars"]


def test_a_viewer_receives_the_first_steps_before_the_job_ends(tmp_path, live, viewer):
    job = new_job(tmp_path, viewer=viewer.address)

    def watch(index):
        if index == 2:
            wait_until(lambda: "/job/forming/cloud" in received_by(viewer))

    run_job(job, live, after_step=watch)
    assert_complete(job)


def test_a_viewer_receives_all_jobs_of_a_batch(tmp_path, live, viewer):
    first, second = new_job(tmp_path, viewer=viewer.address), new_job(tmp_path, "a blue cup", viewer=viewer.address)

    def run_the_second(index):
        if index == 2:
            run_job(second, live)

    run_job(first, live, after_step=run_the_second)
    live.close()
    recorded = {job.job_id: sigmas_in(job.rrd)[job.job_id] for job in (first, second)}
    assert min(recorded.values()) >= STEPS
    wait_until(lambda: sigmas_in(viewer.seen) == recorded)


def sigmas_in(rrd):
    """Return recording ID → number of sigmas; empty if the file ends in an incomplete message."""
    try:
        reader = RrdReader(rrd)
        return {
            store.recording_id: sum(
                chunk.num_rows for chunk in reader.stream(store=store) if chunk.entity_path == "/job/curves/sigma"
            )
            for store in reader.recordings()
        }
    except (OSError, ValueError, RuntimeError):
        return {}


def test_a_killed_viewer_is_reported_once_and_the_recording_is_complete(tmp_path, live, viewer, relays):
    job = new_job(tmp_path, viewer=viewer.address)

    def kill(index):
        if index == 2:
            wait_until(lambda: "/job/forming/cloud" in received_by(viewer))
            viewer.kill()
        if index > 2:
            wait_until(lambda: relays[0].poll() is not None)

    notices = run_job(job, live, after_step=kill)
    assert [viewer.address in notice for notice in notices] == [True]
    assert_complete(job)


def test_a_job_does_not_wait_for_a_viewer_that_never_reads(tmp_path, live, relays):
    with socket.socket() as stuck:
        stuck.bind((LOOPBACK, 0))
        stuck.listen()
        job = new_job(tmp_path, viewer=f"rerun+http://{LOOPBACK}:{stuck.getsockname()[1]}/proxy")
        notices = run_job(job, live, after_step=stopper(relays))
        live.close()
        assert relays[0].poll() is None, "the relay is still waiting, and the job has ended"
    assert notices == []
    assert_complete(job)


def test_a_job_does_not_wait_for_a_closed_port(tmp_path, live, relays):
    job = new_job(tmp_path, viewer=f"rerun+http://{LOOPBACK}:{free_port()}/proxy")
    run_job(job, live, after_step=stopper(relays))
    live.close()
    assert relays[0].poll() is None, "the relay is still waiting, and the job has ended"
    assert_complete(job)


def test_a_missing_viewer_is_reported_and_the_recording_is_complete(tmp_path):
    job = new_job(tmp_path, viewer="spawn")
    assert run_job(job, LiveView(executable=lambda: None)) == [NO_PROGRAM]
    assert_complete(job)


def test_a_viewer_that_cannot_be_started_is_reported_and_the_recording_is_complete(tmp_path, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    broken = tmp_path / "rerun"
    broken.write_text("not a program")
    broken.chmod(0o755)
    job = new_job(tmp_path, viewer="spawn")
    (notice,) = run_job(job, LiveView(executable=lambda: broken))
    assert notice.startswith("Rerun cannot be reached (Exec format error).")
    assert_complete(job)


def test_a_missing_display_is_reported_and_the_recording_is_complete(tmp_path, monkeypatch):
    monkeypatch.setattr(live_view, "has_display", lambda environment: False)
    job = new_job(tmp_path, viewer="spawn")
    assert run_job(job, LiveView()) == [NO_DISPLAY]
    assert_complete(job)


def test_a_second_job_uses_the_running_viewer(tmp_path, windowless, relays):
    program, pids = windowless
    live = LiveView(executable=lambda: program)
    for prompt in ("a red ball", "a blue cup"):
        job = new_job(tmp_path, prompt, viewer="spawn")
        run_job(job, live)
        wait_until(lambda: pids() and psutil.Process(pids()[0]).net_connections())
    assert len(pids()) == len(relays) == 1


def test_a_job_after_the_viewer_was_closed_opens_another(tmp_path, windowless):
    program, pids = windowless
    live = LiveView(executable=lambda: program)
    run_job(new_job(tmp_path, viewer="spawn"), live)
    wait_until(pids)
    psutil.Process(pids()[0]).kill()
    wait_until(lambda: psutil.Process(pids()[0]).status() == psutil.STATUS_ZOMBIE)
    assert not run_job(new_job(tmp_path, viewer="spawn"), live)
    wait_until(lambda: len(pids()) == 2)
    live.close()


def test_the_started_viewer_listens_on_the_loopback_address_only(tmp_path, windowless):
    program, pids = windowless
    live = LiveView(executable=lambda: program)
    run_job(new_job(tmp_path, viewer="spawn"), live)
    wait_until(lambda: pids() and listening(pids()[0]))
    assert listening(pids()[0]) == {LOOPBACK}
    live.close()


def listening(pid):
    """Return the addresses on which a process accepts connections."""
    connections = psutil.Process(pid).net_connections()
    return {connection.laddr.ip for connection in connections if connection.status == psutil.CONN_LISTEN}


@pytest.mark.skipif(not can_draw(), reason="no Vulkan driver here, so the viewer cannot start")
def test_the_viewer_checks_for_new_versions_through_the_closed_proxy(monkeypatch):
    with socket.create_server((LOOPBACK, 0)) as proxy:
        proxy.settimeout(RETRY_FOR_S)
        monkeypatch.setattr(rerun_viewer, "CLOSED_PROXY", f"http://{LOOPBACK}:{proxy.getsockname()[1]}")
        options = ["--headless", "--bind", LOOPBACK, "--port", str(free_port())]
        viewer = subprocess.Popen([viewer_executable(), *options], env=viewer_environment(os.environ))
        try:
            connection, _ = proxy.accept()
            with connection, connection.makefile("rb") as request:
                assert request.readline().startswith(b"CONNECT api.github.com:443")
        finally:
            viewer.kill()
            viewer.wait()


def test_the_viewer_collects_no_usage_statistics(tmp_path):
    def configured(environment):
        home = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        command = [viewer_executable(), "analytics", "config"]
        return subprocess.run(command, env=environment | home, capture_output=True, text=True).stdout

    default = {name: value for name, value in os.environ.items() if name != "CI"} | {"FORCE_RERUN_ANALYTICS": "1"}
    assert "analytics_enabled" not in configured(viewer_environment(default))
    assert list(tmp_path.rglob("*.json")) == []
    assert '"analytics_enabled": true' in configured(default), "the program has another format"
