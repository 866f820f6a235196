# SPDX-License-Identifier: GPL-3.0-or-later
"""The live view with its processes replaced: when a viewer and a relay are started, and what is reported."""

import io
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.worker.rerun import live_view
from blender_text3d.worker.rerun.live_view import NO_DISPLAY, NO_PROGRAM, LiveView, start_relay

ONE, TWO = JobFolder(Path("/jobs/one")), JobFolder(Path("/jobs/two"))
ADDRESS, OTHER = "rerun+http://10.0.0.1:9876/proxy", "rerun+http://10.0.0.2:9876/proxy"
RECORDED = "The job continues and is recorded: Open Recording shows it later."


class Pipe(io.BytesIO):
    """A relay's stdin, whose bytes can be read after it is closed."""

    def __init__(self):
        super().__init__()
        self.received, self.error, self.flushed = b"", None, 0

    def write(self, data):
        if self.error:
            raise self.error
        self.received += data

    def flush(self):
        self.flushed += 1


class Viewer:
    def __init__(self, number):
        self.address, self.runs = f"spawned {number}", True

    def is_running(self):
        return self.runs


@pytest.fixture
def started(monkeypatch):
    """Replace processes, and return the lists of viewers and relays that were started."""
    viewers, relays = [], []

    def start_viewer(executable):
        assert executable == Path("/env/rerun")
        viewers.append(Viewer(len(viewers)))
        return viewers[-1]

    def start_relay(address):
        relay = SimpleNamespace(address=address, stdin=Pipe(), code=None)
        relay.poll = lambda: relay.code
        relays.append(relay)
        return relay

    monkeypatch.setattr(live_view, "start_viewer", start_viewer)
    monkeypatch.setattr(live_view, "start_relay", start_relay)
    monkeypatch.setattr(live_view, "has_display", lambda environment: True)
    return SimpleNamespace(viewers=viewers, relays=relays)


@pytest.fixture
def live(started):
    return LiveView(lambda: Path("/env/rerun"))


def test_without_a_wanted_viewer_nothing_is_started(live, started):
    live.follow(ONE, "")
    assert (started.viewers, started.relays, live.take_problems()) == ([], [], [])


def test_an_address_gets_one_relay_with_a_line_for_each_job(live, started):
    live.follow(ONE, ADDRESS)
    live.follow(TWO, ADDRESS)
    (relay,) = started.relays
    assert (relay.address, relay.stdin.received, relay.stdin.flushed) == (ADDRESS, b"/jobs/one\n/jobs/two\n", 2)
    assert started.viewers == []
    assert live.take_problems() == []


def test_another_address_gets_another_relay_and_the_first_one_ends(live, started):
    live.follow(ONE, ADDRESS)
    live.follow(TWO, OTHER)
    first, second = started.relays
    assert first.stdin.closed
    assert (second.address, second.stdin.received, second.stdin.closed) == (OTHER, b"/jobs/two\n", False)


def test_a_spawned_viewer_is_used_again_while_it_runs(live, started):
    live.follow(ONE, "spawn")
    live.follow(TWO, "spawn")
    assert [relay.address for relay in started.relays] == ["spawned 0"]
    started.viewers[0].runs = False
    live.follow(ONE, "spawn")
    assert [relay.address for relay in started.relays] == ["spawned 0", "spawned 1"]
    assert live.take_problems() == []


@pytest.mark.parametrize(("has_program", "has_display", "problem"), [
    (False, True, NO_PROGRAM), (True, False, NO_DISPLAY), (False, False, NO_PROGRAM),
])  # fmt: skip
def test_a_viewer_that_cannot_open_is_reported_once(started, monkeypatch, has_program, has_display, problem):
    monkeypatch.setattr(live_view, "has_display", lambda environment: has_display)
    live = LiveView(lambda: Path("/env/rerun") if has_program else None)
    live.follow(ONE, "spawn")
    assert live.take_problems() == [problem]
    assert live.take_problems() == []
    assert (started.viewers, started.relays) == ([], [])
    assert problem.endswith(RECORDED)
    assert "job.rrd" not in problem


def test_a_relay_that_ended_is_reported_once_and_replaced_for_the_next_job(live, started):
    live.follow(ONE, ADDRESS)
    started.relays[0].code = 3
    assert live.take_problems() == [f"The Rerun viewer at {ADDRESS} is closed or not responding. {RECORDED}"]
    assert live.take_problems() == []
    live.follow(TWO, ADDRESS)
    assert [relay.stdin.received for relay in started.relays] == [b"/jobs/one\n", b"/jobs/two\n"]


def test_a_closed_own_viewer_is_reported_and_a_viewer_elsewhere_is_not_checked(live, started):
    live.follow(ONE, "spawn")
    live.follow(TWO, ADDRESS)
    started.viewers[0].runs = False
    assert live.take_problems() == []
    live.follow(ONE, "spawn")
    started.viewers[1].runs = False
    assert live.take_problems() == [f"The Rerun viewer is closed or not responding. {RECORDED}"]


def test_a_relay_that_cannot_be_written_to_is_reported(live, started):
    live.follow(ONE, ADDRESS)
    started.relays[0].stdin.error = BrokenPipeError(32, "Broken pipe")
    live.follow(TWO, ADDRESS)
    assert live.take_problems() == [f"Rerun cannot be reached (Broken pipe). {RECORDED}"]


def test_closing_ends_the_relay_and_leaves_the_viewer(live, started):
    live.follow(ONE, "spawn")
    live.close()
    live.close()
    assert started.relays[0].stdin.closed
    assert started.viewers[0].runs
    assert live.take_problems() == []


def test_a_relay_is_a_module_of_this_package_with_only_stdin_open(monkeypatch):
    calls = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: calls.append((command, options)))
    start_relay(ADDRESS)
    ((command, options),) = calls
    package = Path(live_view.__file__).parents[2]
    assert (command[0], command[1], command[-1]) == (sys.executable, "-u", ADDRESS)
    assert command[-3:-1] == [str(package.parent), "blender_text3d.worker.rerun.relay"]
    assert options == {
        "cwd": package.parent, "stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
    }  # fmt: skip
