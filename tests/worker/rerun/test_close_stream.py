# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording whose file cannot be written to its end holds nobody up: neither its job, the next one, nor the exit."""

import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.worker.rerun import close_stream

ROOT = Path(__file__).resolve().parents[3]

TWO_JOBS_OF_WHICH_ONE_HAS_NO_ROOM = """
import resource, sys, time
from pathlib import Path
from types import SimpleNamespace
from blender_text3d.protocol.events import Cancelled, Progress
from blender_text3d.worker.rerun.live_view import LiveView
from blender_text3d.worker.rerun.sink import RerunSink
from tests.worker.rerun.sample_job import STARTED, new_job, noisy_cloud

def told_of(job):
    told = []
    sink = RerunSink(job, LiveView(), told.append)
    sink.start(job.read_request(), STARTED)
    for index in range(1, 4):
        cloud = SimpleNamespace(geometry=noisy_cloud(1 / index, 40_000), input_image=None)
        sink.step(Progress(stage="sample", index=index, total=3, elapsed_s=index), cloud)
        time.sleep(0.1)
    sink.finish(Cancelled(stage="sample", index=3))
    return told

first, second = (new_job(Path(sys.argv[1])) for _ in range(2))
endless = resource.RLIM_INFINITY
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), endless))
told = told_of(first)
resource.setrlimit(resource.RLIMIT_FSIZE, (endless, endless))
print(len(told), len(told_of(second)), *told)
"""

ROOMS = (2_000, 100_000, 200_000, 300_000, 400_000, 500_000)
"""Less than the recording's size. Without the care taken, most of these never end."""


@pytest.mark.skipif(sys.platform == "win32", reason="files cannot be limited there")
def test_a_file_without_room_is_told_and_the_next_recording_is_whole(tmp_path):
    script = [sys.executable, "-c", TWO_JOBS_OF_WHICH_ONE_HAS_NO_ROOM]
    started = [
        subprocess.Popen([*script, str(tmp_path / str(room)), str(room)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for room in ROOMS
    ]
    try:
        said = [child.communicate(timeout=120)[0] for child in started]  # about 10 s to flush
    finally:
        for child in started:
            child.kill()
    assert [child.returncode for child in started] == [0] * len(ROOMS)
    for line in said:
        assert line.startswith("1 0 The Rerun recording was stopped ("), line
        assert "The object itself is not affected." in line
    for room in ROOMS:
        whole = max((tmp_path / str(room)).glob("*/job.rrd"), key=lambda path: path.stat().st_size)
        assert whole.stat().st_size > max(ROOMS)


def test_a_stream_that_cannot_be_flushed_is_never_disconnected_nor_collected(monkeypatch):
    told = []
    monkeypatch.setattr(close_stream.rr, "unregister_shutdown", lambda: told.append("not at exit"))

    class Stream:
        def flush(self, timeout_sec):
            raise RuntimeError("File-writer thread shut down prematurely")

        def disconnect(self):
            told.append("disconnected")

        def __del__(self):
            told.append("collected")

    stream = Stream()
    with pytest.raises(RuntimeError, match="File-writer"):
        close_stream.close_stream(stream)
    del stream
    assert told == ["not at exit"]
