# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that a worker still makes for a session that is gone, as after an upgrade: offered, or told, once they end."""

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
    """The one that was looked at longest ago; twice a second, whatever their number."""
    global _next_poll_s
    if not state.orphaned or time.monotonic() < _next_poll_s:
        return
    _next_poll_s = time.monotonic() + POLL_EVERY_S
    folder = state.orphaned.pop(0)
    finished: list[JobFolder] = []
    job_scan.classify(folder, finished, state.unclaimed, state.orphaned)
    state.ready[:0] = finished
    if isinstance(last := folder.last_event(), Failed):
        state.problem = state.problem or problem_of_failure(last, folder.path, model_of(folder))


def abandon(folder: JobFolder) -> None:
    """Stop a job, should somebody be at work on it, and never look at it again."""
    state.orphaned = [other for other in state.orphaned if other != folder]
    with contextlib.suppress(OSError):
        folder.ask_to_cancel()
    mark_imported(folder)


def model_of(folder: JobFolder) -> str:
    """Which model was asked for; "" where that cannot be read."""
    try:
        return folder.read_request().model
    except InvalidJob:
        return ""
