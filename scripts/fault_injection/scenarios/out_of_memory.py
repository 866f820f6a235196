# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker gets no more memory, from a random moment on, or fails to get it at a random instruction."""

import contextlib
import os
import resource
import signal
from functools import partial
from pathlib import Path

from blender_text3d.client.session import Session
from blender_text3d.protocol.request import Request

from ..child.patched_python import stand_in
from ..fault import Fault, Round, require
from ..follow_jobs import ended
from ..harness import make_request
from ..random_moments import STAGES, WAKE
from .worker_killed import kill_in_stage, made_again

REASONS = ("out_of_memory", "worker_died")
FREE_MEMORY = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
SPARE_BYTES = 2**22
RAISES = """
import signal
def _no_memory(*_):
    raise MemoryError
signal.signal(signal.SIGUSR1, _no_memory)
"""


def limit(pid: int, spare_bytes: int) -> None:
    """Let a process have hardly more address space than it has."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + spare_bytes
    resource.prlimit(pid, resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def lift(pid: int) -> None:
    """Let it have what it wants."""
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_AS, FREE_MEMORY)


def starve(round_: Round, model: str, stage: str, grid: int) -> None:
    """One round with a real limit, which is lifted after the job."""
    session, request = round_.bench.session, make_request(model, round_.chance.randrange(2), grid=grid)
    expected = round_.bench.expected(request)
    spare = round_.chance.randrange(SPARE_BYTES)
    job, last = kill_in_stage(session, request, stage, round_, lambda pid: limit(pid, spare), lift)
    told(job, last)
    made_again(session, request, expected)


def interrupt(round_: Round, model: str, stage: str) -> None:
    """One round with a MemoryError at a random instruction, wherever the worker is."""
    interrupt_while(round_, make_request(model, round_.chance.randrange(4)), stage)


def interrupt_while(round_: Round, request: Request, stage: str) -> None:
    """MemoryError somewhere in a stage of this object: that is told, and the next job is right."""
    expected = round_.bench.expected(request)
    session = round_.bench.other("no memory", lambda: raising_session(round_))
    if not session.worker.is_alive():  # the signal of a round must not meet a Python that has no handler yet
        ended(session, session.submit([request]))
    job, last = kill_in_stage(session, request, stage, round_, lambda pid: os.kill(pid, signal.SIGUSR1))
    told(job, last)
    made_again(session, request, expected)


def raising_session(round_: Round) -> Session:
    """One whose worker meets MemoryError when it is sent SIGUSR1."""
    folder = round_.bench.folder / "no-memory"
    return Session(folder / "jobs", stand_in(folder, round_.bench.python, RAISES))


def told(job, last) -> None:
    """The end says that memory was short, or that the worker died of it.

    Raises:
        Lost: It says something else.
    """
    require(last.kind == "failed" and last.reason in REASONS, f"without memory the job ended as {last}")
    require(job.last_event() == last, f"told {last}, wrote {job.last_event()}")


NEED_MEMORY = (
    ("mini/shap-e", "load", 32),
    ("mini/shap-e", "mesh", 224),
    ("mini/point-e", "load", 32),
    ("mini/point-e", "upsample", 64),
    ("mini/point-e", "mesh", 64),
)
"""Stages that ask the system for more; the others use again what was freed."""
FAULTS = [
    *(
        Fault(
            f"Worker: no more memory (RLIMIT_AS), {model}, stage {stage}",
            partial(starve, model=model, stage=stage, grid=grid),
        )
        for model, stage, grid in NEED_MEMORY
    ),
    *(
        Fault(
            f"Worker: MemoryError at any instruction, {model}, stage {stage}",
            partial(interrupt, model=model, stage=stage),
        )
        for model in STAGES
        for stage in STAGES[model]
        if stage not in (WAKE, "load")
    ),
]
