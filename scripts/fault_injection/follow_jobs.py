# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow jobs as Blender does, with a timeout that only a hang can reach."""

import time
from collections.abc import Callable, Sequence

from blender_text3d.client.session import News, Session
from blender_text3d.protocol.events import TERMINAL, Event
from blender_text3d.protocol.job_folder import JobFolder

HANG_S = 240.0
POLL_EVERY_S = 0.002


class Hang(Exception):
    """A wait reached its timeout, or a job ended twice."""


def news_until(session: Session, is_enough: Callable[[], bool], take: Callable[[News], None]) -> None:
    """Poll a session and pass on its events until a condition holds.

    Raises:
        Hang: The condition did not hold in time.
    """
    give_up = time.monotonic() + HANG_S
    while not is_enough():
        if time.monotonic() > give_up:
            raise Hang(f"nothing happened in {HANG_S:.0f} s")
        for news in session.poll():
            take(news)
        time.sleep(POLL_EVERY_S)


def ended(session: Session, jobs: Sequence[JobFolder]) -> dict[JobFolder, Event]:
    """Return the last event of every job once all have ended.

    Raises:
        Hang: A job did not end in time, or it ended twice.
    """
    ends: dict[JobFolder, Event] = {}

    def take(news: News) -> None:
        job, event = news
        if isinstance(event, TERMINAL):
            if job in ends:
                raise Hang(f"{job.job_id} ended twice: {ends[job]}, {event}")
            ends[job] = event

    news_until(session, lambda: all(job in ends for job in jobs), take)
    return ends
