# SPDX-License-Identifier: GPL-3.0-or-later
"""OtherJob: an unfinished job of another process, as its folder tells it. Only the end of its journal is read."""

import time
from typing import NamedTuple

from ..protocol.events import TERMINAL, BaseEvent, Event, Progress, Queued, event_from_json
from ..protocol.job_folder import JobFolder
from ..protocol.journal import last_lines
from ..system.machine import is_this_machine
from .recovery import OTHER_MACHINE_S, is_abandoned, is_gone_or_own, queued_event
from .results.entry import stored_request

EARLIER_SESSION, OTHER_BLENDER, TERMINAL_SCRIPT, OTHER_MACHINE = "earlier", "blender", "terminal", "machine"


class OtherJob(NamedTuple):
    """A job of another process at one moment.

    Attributes:
        folder: The job folder.
        prompt: The prompt, or the name of the image file.
        seed: Seed of the noise.
        queued: The event of its submission.
        owner: EARLIER_SESSION of Blender that is gone, OTHER_BLENDER, TERMINAL_SCRIPT or OTHER_MACHINE.
        is_running: True if a worker has claimed it.
        share_done: Progress from 0 to 1.
    """

    folder: JobFolder
    prompt: str
    seed: int
    queued: Queued
    owner: str
    is_running: bool
    share_done: float


def read_other_job(folder: JobFolder, known: OtherJob | None = None) -> OtherJob | None:
    """Read an unfinished job of another process.

    Args:
        folder: The job folder.
        known: What was read before; what cannot have changed since is not read again.

    Returns:
        None if the job has ended, is no valid one, or no process is there to run it.
    """
    request = None if known else stored_request(folder)
    queued = known.queued if known else queued_event(folder)
    newest = newest_event(folder)
    if queued is None or newest is None or isinstance(newest, TERMINAL) or not (known or request):
        return None
    owner, is_running = owner_of(queued), folder.is_claimed()
    if not (is_run(folder, newest) if is_running else will_be_run(queued, owner)):
        return None
    share = newest.share_done if isinstance(newest, Progress) else 0.0
    if known:
        return known._replace(owner=owner, is_running=is_running, share_done=share)
    return OtherJob(folder, request.prompt, request.seed, queued, owner, is_running, share) if request else None


def newest_event(folder: JobFolder) -> Event | None:
    """Return the terminal event, else the newest progress, else any of the last events; None without one."""
    try:
        events = [event_from_json(line) for line in last_lines(folder.journal)]
    except (OSError, ValueError):
        return None
    kinds = (TERMINAL, Progress, BaseEvent)
    return next((event for kind in kinds for event in events if isinstance(event, kind)), None)


def owner_of(queued: Queued) -> str:
    """Return whose job it is."""
    if not is_this_machine(queued.host, queued.machine):
        return OTHER_MACHINE
    if not queued.is_for_blender:
        return TERMINAL_SCRIPT
    return EARLIER_SESSION if is_gone_or_own(queued) else OTHER_BLENDER


def is_run(folder: JobFolder, newest: Event) -> bool:
    """True if the process that claimed the job may still run it."""
    claim = folder.claimed_by()
    if claim is not None and claim.pid and not claim.is_on_this_machine():
        return is_recent(newest)
    return not is_abandoned(folder)


def will_be_run(queued: Queued, owner: str) -> bool:
    """True if the process that queued the job may still have it run; Blender resumes those of earlier sessions."""
    if owner == OTHER_MACHINE:
        return is_recent(queued)
    return owner != EARLIER_SESSION and not is_gone_or_own(queued)


def is_recent(event: Event) -> bool:
    """True if the processes of another machine, which are unknown here, may still be at work."""
    return abs(time.time() - event.time) <= OTHER_MACHINE_S
