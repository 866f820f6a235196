# SPDX-License-Identifier: GPL-3.0-or-later
"""A chunk that a render farm cancels: by a signal first, and some time later by the hard way."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from blender_text3d.batch.termination import termination_as_interrupt
from tests.worker.scripted_python import WITH_SCRIPTED_ENGINE, scripted_python

REPOSITORY = Path(__file__).parents[2]
# generate.py starts the worker's Python in its own place if this Python lacks a package.
DOOR = (
    "import sys; from scripts import generate; from scripts.cli import chunk_door; "
    "chunk_door.REQUIRED_MODULES = ('no_such_package',); sys.exit(generate.main(sys.argv[1:]))"
)
FOR_BOTH = f"""
import os, sys
if sys.argv[1:2] == ["-B"] and "blender_text3d.batch" in sys.argv:
    os.execv({sys.executable!r}, [{sys.executable!r}, *sys.argv[1:]])
{WITH_SCRIPTED_ENGINE}"""
WAIT_S = 300

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


@pytest.fixture(params=["1", "2"], ids=["one worker", "two workers"])
def started(tmp_path, request):
    """A chunk of many slow objects of which one is made, and all of its processes."""
    lines = ["a red chair", *(f"a chair {number} slow" for number in range(200))]
    (tmp_path / "prompts.txt").write_text("\n".join(lines), encoding="utf-8")
    options = ["--jobs", str(tmp_path / "prompts.txt"), "--out", str(tmp_path / "out")]
    options += ["--workers", request.param, "--python", str(scripted_python(tmp_path, FOR_BOTH))]
    command = [sys.executable, "-c", DOOR, *options]
    process = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    deadline = time.monotonic() + WAIT_S
    while not prompts(tmp_path):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    processes = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    yield process, processes
    process.kill()
    process.wait()


def prompts(tmp_path):
    files = [folder / f"{folder.name}.json" for folder in (tmp_path / "out" / "objects").glob("*")]
    return [json.loads(file.read_text(encoding="utf-8"))["prompt"] for file in files]


def test_a_terminated_chunk_keeps_finished_objects_and_ends_its_worker(started, tmp_path):
    process, processes = started
    assert "blender_text3d.batch" in processes[0].cmdline()  # the signal reaches no program that waits for it
    process.send_signal(signal.SIGTERM)
    errors = process.communicate(timeout=WAIT_S)[1]
    assert (process.returncode, "Stopped. Run the same command again to make the rest." in errors) == (130, True)
    assert psutil.wait_procs(processes[1:], timeout=WAIT_S)[1] == []
    assert 1 <= len(prompts(tmp_path)) < 201
    assert list((tmp_path / "out" / ".work").glob("[0-9]*-*")) == []  # of processes


def test_the_worker_of_a_killed_chunk_ends(started, tmp_path):
    process, processes = started
    made = set(prompts(tmp_path))
    process.kill()
    assert psutil.wait_procs(processes[1:], timeout=WAIT_S)[1] == []
    assert made <= set(prompts(tmp_path))


def test_a_second_signal_does_not_disturb_the_end():
    with termination_as_interrupt():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)


def test_other_handlers_are_restored():
    before = signal.getsignal(signal.SIGTERM)
    with termination_as_interrupt():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
