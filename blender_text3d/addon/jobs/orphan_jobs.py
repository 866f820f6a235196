# SPDX-License-Identifier: GPL-3.0-or-later
"""Orphaned jobs: a worker still runs them for a session that is gone. They are offered or reported when they end."""

import contextlib
import time

from ...client.import_claim import mark_imported
from ...protocol.errors import InvalidJob
from ...protocol.events import Failed
from ...protocol.job_folder import JobFolder
from ..state.problem import problem_of_failure
from ..state.session_state import state
from . import job_scan

POLL_EVERY_S = 0.5

_next_poll_s = 0.0


def poll_one() -> None:
    """Check the job that was checked longest ago; at most every POLL_EVERY_S, for any number of jobs."""
    global _next_poll_s
    if not state.orphaned or time.monotonic() < _next_poll_s:
        return
    _next_poll_s = time.monotonic() + POLL_EVERY_S
    folder = state.orphaned.pop(0)
    classify_again(folder)
    if isinstance(last := folder.last_event(), Failed):
        state.problem = state.problem or problem_of_failure(last, folder.path, model_of(folder))


def classify_again(folder: JobFolder) -> None:
    """Move a job that was in the lists of running ones to the list of its present state."""
    state.others.pop(folder.job_id, None)
    finished: list[JobFolder] = []
    job_scan.classify(folder, job_scan.FoundJobs(finished, state.unclaimed, state.orphaned, state.others))
    state.ready[:0] = finished


def abandon(folder: JobFolder) -> None:
    """Cancel a job if it runs, and stop following it."""
    state.orphaned = [other for other in state.orphaned if other != folder]
    state.others.pop(folder.job_id, None)
    with contextlib.suppress(OSError):
        folder.request_cancel()
    mark_imported(folder)


def model_of(folder: JobFolder) -> str:
    """Return the model of the job's request, or "" if it is invalid."""
    try:
        return folder.read_request().model
    except InvalidJob:
        return ""
