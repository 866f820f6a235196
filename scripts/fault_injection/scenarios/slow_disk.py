# SPDX-License-Identifier: GPL-3.0-or-later
"""A slow disk and a jumping clock in the worker, both by patching Python's functions."""

import contextlib
import os
import signal
import time

from blender_text3d.client import recovery
from blender_text3d.client.session import Session

from ..child.patched_python import patched_python
from ..fault import Fault, Round, require
from ..follow_jobs import ended
from ..harness import digest, make_request
from ..random_moments import STAGES, STARTUP
from .worker_killed import check_next_job, kill_in_stage

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


def patched_session(round_: Round, name: str, prelude: str) -> Session:
    """Return a session whose worker runs the prelude first."""
    folder = round_.harness.folder / name
    return round_.harness.other(
        name, lambda: Session(folder / "jobs", patched_python(folder, round_.harness.python, prelude))
    )


def slow_disk(round_: Round) -> None:
    """Run one round on a slow disk; in every other round the worker is also killed."""
    session, model = patched_session(round_, "slow", SLOW), round_.rng.choice(tuple(STAGES))
    request = make_request(model, round_.rng.randrange(4))
    expected = round_.harness.expected(request)
    if round_.rng.random() < 0.5:
        stage = round_.rng.choice([stage for stage in STAGES[model] if stage not in (STARTUP, "load")])
        job, last = kill_in_stage(session, request, stage, round_, lambda pid: os.kill(pid, signal.SIGKILL))
        require(last.reason == "worker_died", f"the job ended as {last}")
    check_next_job(session, request, expected)


def clock_set_back(round_: Round) -> None:
    """Run one round with jumping clocks and wrong file times: no running job is taken for interrupted."""
    session = patched_session(round_, "clock", JUMPING)
    request = make_request(round_.rng.choice(tuple(STAGES)), round_.rng.randrange(4))
    expected, real = round_.harness.expected(request), time.time
    time.time = lambda: real() + round_.rng.choice((0, -3600, -4e7, 3600))
    try:
        (job,) = session.submit([request])
        while not job.claimed_by() and not session.poll():
            time.sleep(0.005)
        redate(job, real() + round_.rng.uniform(-4e7, 4e7))
        marked = recovery.interrupted(session.jobs_dir)
        last = ended(session, [job])[job]
        require(not marked and last.kind == "finished", f"marked {marked}; the job ended as {last}")
        require(digest(job) == expected, "the object differs")
        require(job in recovery.finished_but_not_imported(session.jobs_dir), "the object is not offered")
    finally:
        time.time = real


def redate(job, when: float) -> None:
    """Set the modification time of a job's files."""
    for path in job.path.iterdir():
        if path.suffix != ".part":
            with contextlib.suppress(FileNotFoundError):  # a temporary file
                os.utime(path, (when, when))


FAULTS = [
    Fault("Disk: slow, and the worker is killed, any stage", slow_disk),
    Fault("Clock: jumps back and forth", clock_set_back),
]
