# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker is killed at a random moment in each stage: that is told, and the next job is the same object."""

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
from ..random_moments import STAGES, TIMES_TRIED, WAKE, moment_in, wait_for

SIGNALS = ("SIGKILL", "SIGTERM")
Action = Callable[[int], None]


def kill_in_stage(
    session: Session, request: Request, stage: str, round_: Round, blow: Action, heal: Action | None = None
) -> tuple[JobFolder, Event]:
    """Ask for an object and strike its worker at a random moment of a stage, until a blow hits.

    Args:
        session: With or without a worker.
        request: What is asked for.
        stage: When.
        round_: Where chance comes from.
        blow: Is given the worker's process id.
        heal: The same, when the job has ended and the worker lives.

    Returns:
        The job that was hit, and its last event.

    Raises:
        StageNotReached: It was done before, every time.
    """
    for _ in range(TIMES_TRIED):
        moment = moment_in(stage, request, round_)
        if stage in (WAKE, "load"):
            session.worker.kill()
        (job,) = session.submit([request])
        has_hit = False
        with contextlib.suppress(StageNotReached, ProcessLookupError):
            wait_for(moment, job, session)
            blow(session.worker.pid)
            has_hit = True
        last = ended(session, [job])[job]
        if heal and session.worker.is_alive():
            heal(session.worker.pid)
        if has_hit and last.kind != "finished":
            return job, last
    raise StageNotReached


def kill_worker(round_: Round, name: str, model: str, stage: str) -> None:
    """One round."""
    kill_while(round_, name, make_request(model, round_.chance.randrange(4)), stage)


def kill_while(round_: Round, name: str, request: Request, stage: str) -> None:
    """Kill the worker in a stage of this object: the signal is told, and the next job is right."""
    session, kind = round_.bench.session, signal.Signals[name]
    expected = round_.bench.expected(request)
    job, last = kill_in_stage(session, request, stage, round_, lambda pid: os.kill(pid, kind))
    require(last.reason == "worker_died", f"killed in {stage}, the job ended as {last}")
    require(f"signal {kind.value}" in last.message and last.fix, f"told without the signal or a way out: {last}")
    require(job.last_event() == last, f"told {last}, wrote {job.last_event()}")
    made_again(session, request, expected)


def made_again(session: Session, request: Request, expected: str) -> None:
    """The same request gives the object that it gives in peace.

    Raises:
        Lost: It does not.
    """
    (again,) = session.submit([request])
    last = ended(session, [again])[again]
    require(last.kind == "finished", f"the next job ended as {last}")
    require(digest(again) == expected, "the next job made another object")


FAULTS = [
    Fault(f"Worker: {name}, {model}, stage {stage}", partial(kill_worker, name=name, model=model, stage=stage))
    for name in SIGNALS
    for model, stages in STAGES.items()
    for stage in stages
]
