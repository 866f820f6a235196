# SPDX-License-Identifier: GPL-3.0-or-later
"""A slow disk and a clock that jumps, as the worker sees them: both are put before its own Python calls."""

import contextlib
import os
import signal
import time

from blender_text3d.client import recovery
from blender_text3d.client.session import Session

from ..child.patched_python import stand_in
from ..fault import Fault, Round, require
from ..follow_jobs import ended
from ..harness import digest, make_request
from ..random_moments import STAGES, WAKE
from .worker_killed import kill_in_stage, made_again

SLOW = """
import builtins, io, os, random, time
_open, _replace = io.open, os.replace
def _slow_open(file, mode="r", *rest, **more):
    if set(mode) & set("wax+"):
        time.sleep(random.uniform(0, 0.04))
    return _open(file, mode, *rest, **more)
def _slow_replace(*paths, **more):
    time.sleep(random.uniform(0, 0.1))
    return _replace(*paths, **more)
io.open = builtins.open = _slow_open
os.replace = _slow_replace
"""
JUMPING = """
import random, time
_time = time.time
time.time = lambda: _time() + random.choice((0, -5, -3600, -4e7, 3600))
"""


def prepared(round_: Round, name: str, prelude: str) -> Session:
    """A session whose worker runs the prelude first."""
    folder = round_.bench.folder / name
    return round_.bench.other(name, lambda: Session(folder / "jobs", stand_in(folder, round_.bench.python, prelude)))


def slow_disk(round_: Round) -> None:
    """Every other round the worker is killed, too, while something is half written."""
    session, model = prepared(round_, "slow", SLOW), round_.chance.choice(tuple(STAGES))
    request = make_request(model, round_.chance.randrange(4))
    expected = round_.bench.expected(request)
    if round_.chance.random() < 0.5:
        stage = round_.chance.choice([stage for stage in STAGES[model] if stage not in (WAKE, "load")])
        job, last = kill_in_stage(session, request, stage, round_, lambda pid: os.kill(pid, signal.SIGKILL))
        require(last.reason == "worker_died", f"the job ended as {last}")
    made_again(session, request, expected)


def clock_set_back(round_: Round) -> None:
    """The worker's clock jumps at every look, files are from the past and the future; nothing is taken for dead."""
    session = prepared(round_, "clock", JUMPING)
    request = make_request(round_.chance.choice(tuple(STAGES)), round_.chance.randrange(4))
    expected, real = round_.bench.expected(request), time.time
    time.time = lambda: real() + round_.chance.choice((0, -3600, -4e7, 3600))
    try:
        (job,) = session.submit([request])
        while not job.claimed_by() and not session.poll():
            time.sleep(0.005)
        redate(job, real() + round_.chance.uniform(-4e7, 4e7))
        marked = recovery.interrupted(session.jobs_dir)
        last = ended(session, [job])[job]
        require(not marked and last.kind == "finished", f"marked {marked}; the job ended as {last}")
        require(digest(job) == expected, "another object came out")
        require(job in recovery.finished_but_not_imported(session.jobs_dir), "the object is not offered")
    finally:
        time.time = real


def redate(job, when: float) -> None:
    """Give the files of a job another time."""
    for path in job.path.iterdir():
        if path.suffix != ".part":
            with contextlib.suppress(FileNotFoundError):  # it was there for a moment
                os.utime(path, (when, when))


FAULTS = [
    Fault("Disk: slow, and killed meanwhile, any stage", slow_disk),
    Fault("Clock: jumps back and forth", clock_set_back),
]
