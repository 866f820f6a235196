# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker gets no more memory from a random moment on, or raises MemoryError at a random instruction."""

import contextlib
import os
import resource
import signal
from functools import partial
from pathlib import Path

from blender_text3d.client.session import Session
from blender_text3d.protocol.request import Request

from ..child.patched_python import patched_python
from ..fault import Fault, Round, require
from ..follow_jobs import ended
from ..harness import make_request
from ..random_moments import STAGES, STARTUP
from .worker_killed import check_next_job, kill_in_stage

REASONS = ("out_of_memory", "worker_died")
FREE_MEMORY = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
SPARE_BYTES = 2**22
RAISE_ON_SIGNAL = """
import signal
def _no_memory(*_):
    raise MemoryError
signal.signal(signal.SIGUSR1, _no_memory)
"""


def limit(pid: int, spare_bytes: int) -> None:
    """Limit the address space of a process to little more than it uses."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    limit_bytes = pages * resource.getpagesize() + spare_bytes
    resource.prlimit(pid, resource.RLIMIT_AS, (limit_bytes, resource.RLIM_INFINITY))


def lift(pid: int) -> None:
    """Remove the limit."""
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_AS, FREE_MEMORY)


def limit_memory(round_: Round, model: str, stage: str, grid: int) -> None:
    """Run one round with a memory limit, which is removed after the job."""
    session, request = round_.harness.session, make_request(model, round_.rng.randrange(2), grid=grid)
    expected = round_.harness.expected(request)
    spare = round_.rng.randrange(SPARE_BYTES)
    job, last = kill_in_stage(session, request, stage, round_, lambda pid: limit(pid, spare), lift)
    check_out_of_memory(job, last)
    check_next_job(session, request, expected)


def raise_in_stage(round_: Round, model: str, stage: str) -> None:
    """Run one round with a MemoryError at a random instruction of the worker."""
    raise_memory_error(round_, make_request(model, round_.rng.randrange(4)), stage)


def raise_memory_error(round_: Round, request: Request, stage: str) -> None:
    """Raise MemoryError in a stage of a request: the job fails with that reason, and the next object is right."""
    expected = round_.harness.expected(request)
    session = round_.harness.other("no memory", lambda: raising_session(round_))
    if not session.worker.is_alive():  # the signal must not arrive before its handler is installed
        ended(session, session.submit([request]))
    job, last = kill_in_stage(session, request, stage, round_, lambda pid: os.kill(pid, signal.SIGUSR1))
    check_out_of_memory(job, last)
    check_next_job(session, request, expected)


def raising_session(round_: Round) -> Session:
    """Return a session whose worker raises MemoryError on SIGUSR1."""
    folder = round_.harness.folder / "no-memory"
    return Session(folder / "jobs", patched_python(folder, round_.harness.python, RAISE_ON_SIGNAL))


def check_out_of_memory(job, last) -> None:
    """Check that the job failed for lack of memory, or because the worker died from it.

    Raises:
        InvariantViolated: It ended in another way.
    """
    require(last.kind == "failed" and last.reason in REASONS, f"without memory the job ended as {last}")
    require(job.last_event() == last, f"reported {last}, wrote {job.last_event()}")


ALLOCATING_STAGES = (
    ("mini/shap-e", "load", 32),
    ("mini/shap-e", "mesh", 224),
    ("mini/point-e", "load", 32),
    ("mini/point-e", "upsample", 64),
    ("mini/point-e", "mesh", 64),
)
"""Stages that allocate memory from the system; the others reuse freed memory."""
FAULTS = [
    *(
        Fault(
            f"Worker: no more memory (RLIMIT_AS), {model}, stage {stage}",
            partial(limit_memory, model=model, stage=stage, grid=grid),
        )
        for model, stage, grid in ALLOCATING_STAGES
    ),
    *(
        Fault(
            f"Worker: MemoryError at any instruction, {model}, stage {stage}",
            partial(raise_in_stage, model=model, stage=stage),
        )
        for model in STAGES
        for stage in STAGES[model]
        if stage not in (STARTUP, "load")
    ),
]
