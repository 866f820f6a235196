# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording that cannot be written completely delays neither its job, the next one, nor the exit of the worker."""

import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.worker.rerun import close_stream

ROOT = Path(__file__).resolve().parents[3]

TWO_JOBS_ONE_WITH_A_LIMIT = """
import resource, sys, time
from pathlib import Path
from types import SimpleNamespace
from blender_text3d.protocol.events import Cancelled, Progress
from blender_text3d.worker.rerun.live_view import LiveView
from blender_text3d.worker.rerun.sink import RerunSink
from tests.worker.rerun.sample_job import STARTED, new_job, noisy_cloud

def notices_of(job):
    notices = []
    sink = RerunSink(job, LiveView(), notices.append)
    sink.start(job.read_request(), STARTED)
    for index in range(1, 4):
        event = Progress(stage="sample", index=index, total=3, elapsed_s=index)
        sink.step(event, SimpleNamespace(input_image=None), noisy_cloud(1 / index, 40_000))
        time.sleep(0.1)
    sink.finish(Cancelled(stage="sample", index=3))
    return notices

first, second = (new_job(Path(sys.argv[1])) for _ in range(2))
unlimited = resource.RLIM_INFINITY
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), unlimited))
notices = notices_of(first)
resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))
print(len(notices), len(notices_of(second)), *notices)
"""

LIMITS = (2_000, 100_000, 200_000, 300_000, 400_000, 500_000)
"""Limits in bytes, all below the size of the recording."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of the file size")
def test_a_write_error_is_reported_and_the_next_recording_is_complete(tmp_path):
    script = [sys.executable, "-c", TWO_JOBS_ONE_WITH_A_LIMIT]
    started = [
        subprocess.Popen([*script, str(tmp_path / str(limit)), str(limit)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for limit in LIMITS
    ]
    try:
        outputs = [child.communicate(timeout=600)[0] for child in started]  # each flush may take up to FLUSH_TIMEOUT_S
    finally:
        for child in started:
            child.kill()
    assert [child.returncode for child in started] == [0] * len(LIMITS)
    for line in outputs:
        assert line.startswith("1 0 The Rerun recording was stopped ("), line
        assert "The object itself is not affected." in line
    for limit in LIMITS:
        complete = max((tmp_path / str(limit)).glob("*/job.rrd"), key=lambda path: path.stat().st_size)
        assert complete.stat().st_size > max(LIMITS)


def test_a_stream_that_cannot_be_flushed_is_kept_alive(monkeypatch):
    calls = []
    monkeypatch.setattr(close_stream.rr, "unregister_shutdown", lambda: calls.append("not at exit"))

    class Stream:
        def flush(self, timeout_sec):
            raise RuntimeError("File-writer thread shut down prematurely")

        def disconnect(self):
            calls.append("disconnected")

        def __del__(self):
            calls.append("collected")

    stream = Stream()
    with pytest.raises(RuntimeError, match="File-writer"):
        close_stream.close_stream(stream)
    del stream
    assert calls == ["not at exit"]


def test_a_stream_is_flushed_for_at_most_ten_seconds_and_then_disconnected():
    calls = []

    class Stream:
        def flush(self, timeout_sec):
            calls.append(timeout_sec)

        def disconnect(self):
            calls.append("disconnected")

    close_stream.close_stream(Stream())
    assert calls == [10.0, "disconnected"]
