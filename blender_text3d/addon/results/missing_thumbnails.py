# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to the worker for the thumbnails of older jobs, a few at a time and only while it has nothing else to do."""

import time
from collections import Counter
from collections.abc import Iterable

from ...client.results.entry import ResultEntry
from ..jobs.submit import session_for
from ..settings.choices import choices
from ..state.problem import environment_problem
from ..state.session_state import state

MAX_AT_ONCE = 4
"""A job that is submitted meanwhile waits for about a quarter of a second."""
MAX_ATTEMPTS = 2
WAIT_S = 10.0
"""Time after which the worker is not expected to render a requested thumbnail any more."""

_attempts: Counter[str] = Counter()
_requested: set[str] = set()
_requested_at_s = 0.0


def is_waiting() -> bool:
    """True if the worker may be rendering thumbnails."""
    return bool(_requested) and time.monotonic() - _requested_at_s < WAIT_S


def request_thumbnails(entries: Iterable[ResultEntry]) -> None:
    """Request the thumbnails that results of the shown page lack; the worker is started if it does not run."""
    global _requested_at_s
    lacking = [entry for entry in entries if entry.thumbnail is None and entry.files]
    _requested.intersection_update(entry.job_id for entry in lacking)
    if is_waiting() or state.jobs:
        return
    jobs = [entry.folder for entry in lacking if _attempts[entry.job_id] < MAX_ATTEMPTS][:MAX_AT_ONCE]
    if not jobs or choices().relay or environment_problem(choices()):
        return
    if session_for(choices()).request_thumbnails(jobs):
        _requested.update(job.job_id for job in jobs)
        _attempts.update(_requested)
        _requested_at_s = time.monotonic()


def forget() -> None:
    """Forget all requests."""
    _attempts.clear()
    _requested.clear()
