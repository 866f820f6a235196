# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a session for jobs and waiting for them, with a limit that only a hang reaches."""

import time
from collections.abc import Callable

from blender_text3d.client.session import News, Session
from blender_text3d.protocol.events import TERMINAL, Event
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request, make_requests

HANG_S = 180.0


def news_until(session: Session, enough: Callable[[list[News]], bool]) -> list[News]:
    """All that the session tells until it is enough."""
    news, began = [], time.monotonic()
    while not enough(news):
        assert time.monotonic() - began < HANG_S, f"nothing ended the wait; so far: {news}"
        news += session.poll()
        time.sleep(0.01)
    return news


def finish(session: Session) -> dict[JobFolder, Event]:
    """The last event of every job, once none is left."""
    news = news_until(session, lambda news: not session.jobs)
    ends = [(job, event) for job, event in news + session.poll() if isinstance(event, TERMINAL)]
    assert len({job for job, _ in ends}) == len(ends), "a job ended twice"
    return dict(ends)


def reached(stage: str) -> Callable[[list[News]], bool]:
    """Whether any job has told of this stage."""
    return lambda news: any(getattr(event, "stage", "") == stage for _, event in news)


def requests(prompt: str = "a red chair", count: int = 1, steps: int = 4) -> list[Request]:
    """Small requests that always ask for the same."""
    return make_requests(prompt, count=count, steps=steps, seed=5)
