# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of jobs of earlier sessions."""

import contextlib
import os
import time
from pathlib import Path

from ..protocol.events import TERMINAL, Queued, event_from_json
from ..protocol.job_folder import JobFolder
from ..protocol.journal import journal_lines
from ..system.machine import is_this_machine
from ..system.process import is_alive, own_start_token
from .exit_reasons import worker_vanished

INCOMPLETE_CLAIM_S = 10.0
OTHER_MACHINE_S = 24 * 3600.0
"""Age after which any machine may import a job of another one, whose processes are unknown here."""


def job_folders(jobs_dir: Path) -> list[JobFolder]:
    """Return all jobs in a folder, oldest first, without those that are being created."""
    try:
        paths = sorted(Path(jobs_dir).iterdir())
    except OSError:
        return []
    return [JobFolder(path) for path in paths if not path.name.startswith(".") and (path / "request.json").is_file()]


def state(job: JobFolder) -> str:
    """Return the state of a job.

    Returns:
        "queued", "running", "elsewhere" (claimed on another machine, whose processes are unknown here), "interrupted"
        (claimed on this machine by a process that is gone), or "finished", "cancelled" or "failed".
    """
    last, claim = job.last_event(), job.claimed_by()
    if isinstance(last, TERMINAL):
        return last.kind
    if claim is None:
        return "queued"
    if claim.pid and not claim.is_on_this_machine():
        return "elsewhere"
    return "interrupted" if is_abandoned(job) else "running"


def is_abandoned(job: JobFolder) -> bool:
    """True if a process of this machine claimed the job and is gone."""
    claim = job.claimed_by()
    if claim is None:
        return False
    if claim.pid == 0:  # incomplete: its process is writing it, or died while writing
        return is_old(job.path / "claim.json")
    return claim.is_on_this_machine() and not is_alive(claim.pid, claim.started)


def is_old(path: Path) -> bool:
    """True if a file is older than INCOMPLETE_CLAIM_S, missing, or from the future because the clock was set back."""
    try:
        return abs(time.time() - path.stat().st_mtime) > INCOMPLETE_CLAIM_S
    except OSError:
        return True


def finished_but_not_imported(jobs_dir: Path) -> list[JobFolder]:
    """Return finished jobs that were not imported."""
    return [job for job in job_folders(jobs_dir) if state(job) == "finished" and not job.is_imported()]


def interrupted(jobs_dir: Path) -> list[JobFolder]:
    """Return jobs whose worker is gone, after writing their last event for it."""
    jobs = [job for job in job_folders(jobs_dir) if state(job) == "interrupted"]
    for job in jobs:
        with contextlib.suppress(OSError):
            job.append(worker_vanished(job))
    return jobs


def queued(jobs_dir: Path) -> list[JobFolder]:
    """Return unclaimed jobs that were submitted by this process, or by one of this machine that is gone."""
    return [job for job in job_folders(jobs_dir) if state(job) == "queued" and submitter_exited(job)]


def submitter_exited(job: JobFolder) -> bool:
    """True if the submitting process is this one, or one of this machine that is gone."""
    event = queued_event(job)
    return event is not None and is_this_machine(event.host, event.machine) and is_gone_or_own(event)


def is_orphaned(job: JobFolder) -> bool:
    """True if this Blender may adopt an unfinished job, because its submitter on this machine is gone."""
    event = queued_event(job)
    return (
        event is not None
        and event.is_for_blender
        and is_this_machine(event.host, event.machine)
        and is_gone_or_own(event)
    )


def should_offer_import(job: JobFolder) -> bool:
    """True if no other process will import a finished job; jobs of the command line are not imported."""
    event = queued_event(job)
    if event is None:
        return True
    if is_this_machine(event.host, event.machine):
        return event.is_for_blender and is_gone_or_own(event)
    last = job.last_event()  # read for other machines only: a scan reads few files per job
    return event.is_for_blender and (last is None or abs(time.time() - last.time) > OTHER_MACHINE_S)


def queued_event(job: JobFolder) -> Queued | None:
    """Return the event of the submission, or None if it is lost. It is the first one: no other is parsed."""
    try:
        lines = journal_lines(job.journal)
    except OSError:
        return None
    events = (event for event in map(event_from_json, lines) if isinstance(event, (Queued, *TERMINAL)))
    first = next(events, None)
    return first if isinstance(first, Queued) else None


def is_gone_or_own(event: Queued) -> bool:
    """True if a submitting process of this machine is this process, or is gone."""
    is_own = event.pid == os.getpid() and event.started in ("", own_start_token())
    return is_own or not is_alive(event.pid, event.started)
