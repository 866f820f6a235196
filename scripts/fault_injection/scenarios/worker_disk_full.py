# SPDX-License-Identifier: GPL-3.0-or-later
"""A full disk at each write of a job in turn, for one write or for all later ones.

This is not random: a round tests every STRIDE-th write, so that STRIDE rounds test all of them.
"""

import json
import time
from functools import partial
from pathlib import Path

from blender_text3d.client.session import Session
from blender_text3d.protocol.request import Request

from ..child.failing_writes import PLAN
from ..child.patched_python import patched_python
from ..fault import CHILDREN, Fault, Round, require
from ..follow_jobs import ended
from ..harness import make_request
from ..random_moments import STAGES
from .disk_full import check_end
from .worker_killed import check_next_job

STRIDE = 20
FAILING_WRITES = CHILDREN / "failing_writes.py"
SMALL = {"steps": 3, "grid": 24}


class Plans:
    """The plan of failing writes, which DiskFull reads in the other process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.write(at=0)

    def write(self, at: int, is_permanent: bool = False) -> None:
        """Restart the count, and let one write fail, or all from that one on; 0 for none."""
        self.serial = time.monotonic_ns()
        unfinished = self.folder / f".{PLAN}"
        unfinished.write_text(
            json.dumps({"serial": self.serial, "at": at, "is_permanent": is_permanent}), encoding="utf-8"
        )
        unfinished.replace(self.folder / PLAN)

    def count(self) -> int:
        """Return the number of writes since the plan was written."""
        path = self.folder / f"{self.serial}.count"
        return int(path.read_text(encoding="utf-8")) if path.exists() else 0


def prelude(folder: Path, plans: Path) -> str:
    """Return Python source that counts the writes into a folder and lets some fail."""
    return FAILING_WRITES.read_text(encoding="utf-8") + f"\nDiskFull({str(folder)!r}, {str(plans)!r}).install()\n"


def counting_session(round_: Round) -> Session:
    """Return a session whose worker counts its writes into the jobs folder."""
    folder = round_.harness.folder / "writes"
    jobs, plans = folder / "jobs", folder / "plans"
    return Session(jobs, patched_python(folder, round_.harness.python, prelude(jobs, plans)))


def each_write_fails(round_: Round, model: str, is_permanent: bool) -> str:
    """Run one round over every STRIDE-th write; returns the number of writes."""
    session = round_.harness.other("writes", lambda: counting_session(round_))
    request, plans = make_request(model, **SMALL), Plans(round_.harness.folder / "writes/plans")
    expected = round_.harness.expected(request)
    check_next_job(session, request, expected)  # loads the model
    plans.write(at=0)
    check_next_job(session, request, expected)
    count = plans.count()
    require(count > STRIDE, f"only {count} writes were counted")
    for at in range(1 + round_.number % STRIDE, count + 1, STRIDE):
        run_with_failing_write(session, request, plans, expected, at, is_permanent)
    return f"{count} writes"


def run_with_failing_write(
    session: Session, request: Request, plans: Plans, expected: str, at: int, is_permanent: bool
) -> None:
    """Run a job with a failing write, and another one without."""
    plans.write(at, is_permanent)
    (job,) = session.submit([request])
    last = ended(session, [job])[job]
    plans.write(at=0)
    check_end(job, last, "disk_full", expected)
    check_next_job(session, request, expected)


FAULTS = [
    Fault(f"Disk: full {how}, {model}", partial(each_write_fails, model=model, is_permanent=is_permanent))
    for model in STAGES
    for how, is_permanent in (("for one write, each in turn", False), ("from each write on", True))
]
