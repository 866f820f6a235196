# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk is full at each of the writes of a job in turn, for one write or from then on.

No chance is in it: a round plays every twentieth write, so that twenty rounds have played all.
"""

import json
import time
from functools import partial
from pathlib import Path

from blender_text3d.client.session import Session
from blender_text3d.protocol.request import Request

from ..child.failing_writes import PLAN
from ..child.patched_python import stand_in
from ..fault import CHILDREN, Fault, Round, require
from ..follow_jobs import ended
from ..harness import make_request
from ..random_moments import STAGES
from .disk_full import told_as
from .worker_killed import made_again

STRIDE = 20
FULL_AT = CHILDREN / "failing_writes.py"
SMALL = {"steps": 3, "grid": 24}


class Plans:
    """Which write of a process is to fail, for full_at.Full to read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.begin(at=0)

    def begin(self, at: int, stays: bool = False) -> None:
        """Count anew, and let one fail, or all from that on; 0 for none."""
        self.serial = time.monotonic_ns()
        unfinished = self.folder / f".{PLAN}"
        unfinished.write_text(json.dumps({"serial": self.serial, "at": at, "stays": stays}), encoding="utf-8")
        unfinished.replace(self.folder / PLAN)

    def count(self) -> int:
        """Writes since then."""
        path = self.folder / f"{self.serial}.count"
        return int(path.read_text(encoding="utf-8")) if path.exists() else 0


def prelude(folder: Path, plans: Path) -> str:
    """Python source that counts, and lets fail, what is written into a folder."""
    return FULL_AT.read_text(encoding="utf-8") + f"\nFull({str(folder)!r}, {str(plans)!r}).install()\n"


def counting_session(round_: Round) -> Session:
    """One whose worker's writes into the jobs folder are counted."""
    folder = round_.bench.folder / "writes"
    jobs, plans = folder / "jobs", folder / "plans"
    return Session(jobs, stand_in(folder, round_.bench.python, prelude(jobs, plans)))


def each_write_fails(round_: Round, model: str, stays: bool) -> str:
    """One round: every twentieth write, the first by the number of the round; gives how many there are."""
    session = round_.bench.other("writes", lambda: counting_session(round_))
    request, plans = make_request(model, **SMALL), Plans(round_.bench.folder / "writes/plans")
    expected = round_.bench.expected(request)
    made_again(session, request, expected)  # so that the model is there
    plans.begin(at=0)
    made_again(session, request, expected)
    count = plans.count()
    require(count > STRIDE, f"only {count} writes were counted")
    for at in range(1 + round_.number % STRIDE, count + 1, STRIDE):
        strike(session, request, plans, expected, at, stays)
    return f"{count} writes"


def strike(session: Session, request: Request, plans: Plans, expected: str, at: int, stays: bool) -> None:
    """One job with one write that fails, and the next without; of the last ones a quick job has fewer previews."""
    plans.begin(at, stays)
    (job,) = session.submit([request])
    last = ended(session, [job])[job]
    plans.begin(at=0)
    told_as(job, last, "disk_full", expected)
    made_again(session, request, expected)


FAULTS = [
    Fault(f"Disk: full {how}, {model}", partial(each_write_fails, model=model, stays=stays))
    for model in STAGES
    for how, stays in (("for one write, each in turn", False), ("from each write on", True))
]
