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

STARTUP = "wake"
STAGES = {
    "mini/shap-e": (STARTUP, "load", "sample", "mesh", "export"),
    "mini/point-e": ("load", "points", "upsample", "mesh", "export"),
}
STARTUP_S = 0.8
MAX_ATTEMPTS = 12


@dataclass(frozen=True)
class Moment:
    """A moment in a job: a delay after a number of events."""

    events: int
    after_s: float


def random_moment(stage: str, request: Request, round_: Round) -> Moment:
    """Return a random moment of a stage, from the durations of the steps without faults."""
    if stage == STARTUP:
        return Moment(events=1, after_s=round_.rng.uniform(0, STARTUP_S))
    events = round_.harness.events(request)
    indices = [index for index, event in enumerate(events) if isinstance(event, Progress) and event.stage == stage]
    start, end = indices[0] - 1, indices[-1]
    index = round_.rng.randint(start if stage != "load" else indices[0], end - 1)
    gap_s = events[index + 1].time - events[index].time
    return Moment(events=index + 1, after_s=round_.rng.uniform(0, gap_s))


def wait_for(moment: Moment, job: JobFolder, session: Session) -> None:
    """Wait until a moment of a job.

    Raises:
        StageNotReached: The job ended, or its worker exited, before that moment.
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
