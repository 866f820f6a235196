# SPDX-License-Identifier: GPL-3.0-or-later
"""Random moments within a stage of a running job."""

import time
from dataclasses import dataclass

from blender_text3d.client.session import Session
from blender_text3d.protocol.events import TERMINAL, Progress
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request

from .fault import Round, StageNotReached
from .follow_jobs import HANG_S

WAKE = "wake"
STAGES = {
    "mini/shap-e": (WAKE, "load", "sample", "mesh", "export"),
    "mini/point-e": ("load", "points", "upsample", "mesh", "export"),
}
WAKING_S = 0.8
TIMES_TRIED = 12


@dataclass(frozen=True)
class Moment:
    """A moment in a job: so long after so many events of it."""

    events: int
    after_s: float


def moment_in(stage: str, request: Request, round_: Round) -> Moment:
    """A random one, by how long each step took in peace."""
    if stage == WAKE:
        return Moment(events=1, after_s=round_.chance.uniform(0, WAKING_S))
    events = round_.bench.events(request)
    places = [place for place, event in enumerate(events) if isinstance(event, Progress) and event.stage == stage]
    begins, ends = places[0] - 1, places[-1]
    place = round_.chance.randint(begins if stage != "load" else places[0], ends - 1)
    gap_s = events[place + 1].time - events[place].time
    return Moment(events=place + 1, after_s=round_.chance.uniform(0, gap_s))


def wait_for(moment: Moment, job: JobFolder, session: Session) -> None:
    """Return at that moment.

    Raises:
        StageNotReached: The job ended before, or its worker was gone already.
    """
    give_up = time.monotonic() + HANG_S
    while True:
        lines = job.journal.read_bytes().count(b"\n")
        if lines >= moment.events:
            break
        if isinstance(job.last_event(), TERMINAL) or not session.worker.is_alive() or time.monotonic() > give_up:
            raise StageNotReached
        time.sleep(0.0005)
    time.sleep(moment.after_s)
