# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker is killed at a random moment of each stage: the job fails, and the next job makes the same object."""

import contextlib
import os
import signal
from collections.abc import Callable
from functools import partial

from blender_text3d.client.session import Session
from blender_text3d.protocol.events import Event
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request

from ..fault import Fault, Round, StageNotReached, require
from ..follow_jobs import ended
from ..harness import digest, make_request
from ..random_moments import MAX_ATTEMPTS, STAGES, STARTUP, random_moment, wait_for

SIGNALS = ("SIGKILL", "SIGTERM")
Action = Callable[[int], None]


def kill_in_stage(
    session: Session, request: Request, stage: str, round_: Round, action: Action, undo: Action | None = None
) -> tuple[JobFolder, Event]:
    """Submit a job and run an action on its worker at a random moment of a stage, until the action has an effect.

    Args:
        session: The session; its worker is started if needed.
        request: The request.
        stage: The stage of the moment.
        round_: The round, for random numbers.
        action: Called with the worker's process ID.
        undo: Called with the process ID after the job has ended, if the worker is running.

    Returns:
        The job that was affected, and its last event.

    Raises:
        StageNotReached: The job ended before the moment in every attempt.
    """
    for _ in range(MAX_ATTEMPTS):
        moment = random_moment(stage, request, round_)
        if stage in (STARTUP, "load"):
            session.worker.kill()
        (job,) = session.submit([request])
        has_acted = False
        with contextlib.suppress(StageNotReached, ProcessLookupError):
            wait_for(moment, job, session)
            action(session.worker.pid)
            has_acted = True
        last = ended(session, [job])[job]
        if undo and session.worker.is_alive():
            undo(session.worker.pid)
        if has_acted and last.kind != "finished":
            return job, last
    raise StageNotReached


def kill_worker(round_: Round, name: str, model: str, stage: str) -> None:
    """Run one round."""
    kill_while(round_, name, make_request(model, round_.rng.randrange(4)), stage)


def kill_while(round_: Round, name: str, request: Request, stage: str) -> None:
    """Kill the worker in a stage of a request: the job fails with the signal, and the next object is right."""
    session, kind = round_.harness.session, signal.Signals[name]
    expected = round_.harness.expected(request)
    job, last = kill_in_stage(session, request, stage, round_, lambda pid: os.kill(pid, kind))
    require(last.reason == "worker_died", f"killed in {stage}, the job ended as {last}")
    require(f"signal {kind.value}" in last.message and last.fix, f"reported without the signal or a fix: {last}")
    require(job.last_event() == last, f"reported {last}, wrote {job.last_event()}")
    check_next_job(session, request, expected)


def check_next_job(session: Session, request: Request, expected: str) -> None:
    """Check that the request gives the same object as without a fault.

    Raises:
        InvariantViolated: It does not.
    """
    (again,) = session.submit([request])
    last = ended(session, [again])[again]
    require(last.kind == "finished", f"the next job ended as {last}")
    require(digest(again) == expected, "the object of the next job differs")


FAULTS = [
    Fault(f"Worker: {name}, {model}, stage {stage}", partial(kill_worker, name=name, model=model, stage=stage))
    for name in SIGNALS
    for model, stages in STAGES.items()
    for stage in stages
]
