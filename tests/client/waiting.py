# SPDX-License-Identifier: GPL-3.0-or-later
"""Submit jobs to a session and wait for them, with a time limit that only a hang reaches."""

import time
from collections.abc import Callable

from blender_text3d.client.session import News, Session
from blender_text3d.protocol.events import TERMINAL, Event
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request, make_requests

HANG_S = 180.0


def news_until(session: Session, condition: Callable[[list[News]], bool]) -> list[News]:
    """Return the session's events until a condition holds."""
    news, started = [], time.monotonic()
    while not condition(news):
        assert time.monotonic() - started < HANG_S, f"timed out; events so far: {news}"
        news += session.poll()
        time.sleep(0.01)
    return news


def finish(session: Session) -> dict[JobFolder, Event]:
    """Return the terminal event of every job once all have ended."""
    news = news_until(session, lambda news: not session.jobs)
    ends = [(job, event) for job, event in news + session.poll() if isinstance(event, TERMINAL)]
    assert len({job for job, _ in ends}) == len(ends), "a job ended twice"
    return dict(ends)


def reached(stage: str) -> Callable[[list[News]], bool]:
    """Return a condition: True once any job has reported this stage."""
    return lambda news: any(getattr(event, "stage", "") == stage for _, event in news)


def requests(prompt: str = "a red chair", count: int = 1, steps: int = 4) -> list[Request]:
    """Return small requests with a fixed seed, whose solver a CPU runs one job at a time."""
    return make_requests(prompt, count=count, steps=steps, seed=5, solver="")
