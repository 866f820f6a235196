# SPDX-License-Identifier: GPL-3.0-or-later
"""Following jobs as Blender does, with a limit that only a hang reaches."""

import time
from collections.abc import Callable, Sequence

from blender_text3d.client.session import News, Session
from blender_text3d.protocol.events import TERMINAL, Event
from blender_text3d.protocol.job_folder import JobFolder

HANG_S = 240.0
LOOK_EVERY_S = 0.002


class Hung(Exception):
    """Nothing ended the wait."""


def news_until(session: Session, is_enough: Callable[[], bool], take: Callable[[News], None]) -> None:
    """Poll, hand on what is told, until it is enough.

    Raises:
        Hung: It never was.
    """
    give_up = time.monotonic() + HANG_S
    while not is_enough():
        if time.monotonic() > give_up:
            raise Hung(f"nothing happened in {HANG_S:.0f} s")
        for news in session.poll():
            take(news)
        time.sleep(LOOK_EVERY_S)


def ended(session: Session, jobs: Sequence[JobFolder]) -> dict[JobFolder, Event]:
    """The last event of every job.

    Raises:
        Hung: One did not end, or ended twice.
    """
    ends: dict[JobFolder, Event] = {}

    def take(news: News) -> None:
        job, event = news
        if isinstance(event, TERMINAL):
            if job in ends:
                raise Hung(f"{job.job_id} ended twice: {ends[job]}, {event}")
            ends[job] = event

    news_until(session, lambda: all(job in ends for job in jobs), take)
    return ends
