# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults in a batch of three objects: each job ends on its own, and the next three objects are right.

Batching changes an object only by rounding errors, so objects are compared by size, position and color.
"""

import contextlib
import os
import signal
from functools import partial
from pathlib import Path

import numpy as np

from blender_text3d.client.session import Session
from blender_text3d.geometry import Mesh, PointCloud, load_geometry
from blender_text3d.protocol.events import Event
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request

from ..child.patched_python import patched_python
from ..fault import Fault, Round, StageNotReached, require
from ..follow_jobs import ended
from ..harness import make_request
from ..random_moments import MAX_ATTEMPTS, random_moment, wait_for
from .out_of_memory import RAISE_ON_SIGNAL, REASONS
from .pipelines import stages

BATCH_SIZE = 3
MAX_DISTANCE = 0.02  # a red chair and a blue car differ by far more
MODELS = ("mini/shap-e", "mini/point-e")
SIGNALS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "MemoryError": signal.SIGUSR1}
Ends = dict[JobFolder, Event]


def batch_session(round_: Round) -> Session:
    """Return a session whose worker makes three objects at once, and raises MemoryError on SIGUSR1."""
    folder: Path = round_.harness.folder / "batches"
    python = patched_python(folder, round_.harness.python, RAISE_ON_SIGNAL)
    return Session(folder / "jobs", python, max_batch_size=BATCH_SIZE)


def inject_into_batch(round_: Round, name: str) -> str:
    """Run one round and return the stage of the fault."""
    model = round_.rng.choice(MODELS)
    requests = [make_request(model, number) for number in range(BATCH_SIZE)]
    session = round_.harness.other("batches", lambda: batch_session(round_))
    stage = round_.rng.choice(stages(round_.harness, requests[0]))
    ends = batch_after_fault(session, requests, stage, round_, SIGNALS[name])
    for (job, last), request in zip(ends.items(), requests, strict=True):
        require(job.last_event() == last, f"reported {last}, wrote {job.last_event()}")
        if last.kind == "finished":
            require(is_similar(job, round_.harness.made(request)), "the object differs")
        else:
            is_right = last.reason in REASONS if name == "MemoryError" else last.reason == "worker_died"
            require(is_right and last.fix, f"{name} in {stage} of a batch: {last}")
    check_next_batch(session, requests, round_)
    return stage


def check_next_batch(session: Session, requests: list[Request], round_: Round) -> None:
    """Run the same batch without a fault.

    Raises:
        InvariantViolated: An object differs from the one made alone.
    """
    jobs = session.submit(requests)
    ends = ended(session, jobs)
    require(all(last.kind == "finished" for last in ends.values()), f"the next batch ended as {list(ends.values())}")
    for job, request in zip(jobs, requests, strict=True):
        require(is_similar(job, round_.harness.made(request)), "an object of the next batch differs")


def is_similar(job: JobFolder, other: JobFolder) -> bool:
    """True if two jobs made the same object up to rounding."""
    meshes, clouds = ([load_geometry(getattr(one, name)) for one in (job, other)] for name in ("mesh", "cloud"))
    return all(is_near(*(statistics(one) for one in pair)) for pair in (meshes, clouds))


def statistics(geometry: Mesh | PointCloud) -> tuple[int, np.ndarray]:
    """Return the number of points, and minimum, mean and maximum of their positions and colors."""
    points = geometry.vertices if isinstance(geometry, Mesh) else geometry.points
    both = np.hstack([points, geometry.colors])
    return len(both), np.stack([both.min(0), both.mean(0), both.max(0)])


def is_near(one: tuple[int, np.ndarray], other: tuple[int, np.ndarray]) -> bool:
    """True if two statistics are equal up to rounding."""
    return abs(one[0] - other[0]) <= MAX_DISTANCE * other[0] and np.abs(one[1] - other[1]).max() < MAX_DISTANCE


def batch_after_fault(
    session: Session, requests: list[Request], stage: str, round_: Round, number: signal.Signals
) -> Ends:
    """Submit a batch and send a signal to its worker until that has an effect; return the last events in order.

    Raises:
        StageNotReached: The signal had no effect in any attempt.
    """
    for _ in range(MAX_ATTEMPTS):
        moment = random_moment(stage, requests[0], round_)
        jobs = session.submit(requests)
        with contextlib.suppress(StageNotReached, ProcessLookupError):
            wait_for(moment, jobs[0], session)
            os.kill(session.worker.pid, number)
        ends = ended(session, jobs)
        if any(end.kind != "finished" for end in ends.values()) or any(map(was_split, jobs)):
            return {job: ends[job] for job in jobs}
    raise StageNotReached


def was_split(job: JobFolder) -> bool:
    """True if a notice reports that the batch was split."""
    return any(event.kind == "notice" and "made again" in event.message for event in job.events())


FAULTS = [
    Fault(f"Worker: {name}, three objects at once, any stage", partial(inject_into_batch, name=name))
    for name in SIGNALS
]
