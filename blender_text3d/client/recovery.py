# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier sessions left in a jobs folder."""

import contextlib
import os
import time
from pathlib import Path

from ..protocol.events import TERMINAL, Queued
from ..protocol.job_folder import JobFolder
from ..system.alive import is_alive
from ..system.machine import is_this_machine
from ..system.process import own_start_token
from .exit_reasons import worker_vanished

HALF_WRITTEN_CLAIM_S = 10.0
ELSEWHERE_S = 24 * 3600.0
"""After this an object that another machine asked for is nobody's: what becomes of processes there is not known."""


def job_folders(jobs_dir: Path) -> list[JobFolder]:
    """Every job in the folder, oldest first; folders that are still being made are left out."""
    try:
        paths = sorted(Path(jobs_dir).iterdir())
    except OSError:
        return []
    return [JobFolder(path) for path in paths if not path.name.startswith(".") and (path / "request.json").is_file()]


def state(job: JobFolder) -> str:
    """One word for a job.

    Returns:
        "queued", "running", "elsewhere" (claimed on another machine, which alone knows more), "interrupted" (claimed on
        this one by a process that is gone), or the last event's "finished", "cancelled", "failed".
    """
    last, claim = job.last_event(), job.claimed_by()
    if isinstance(last, TERMINAL):
        return last.kind
    if claim is None:
        return "queued"
    if claim.pid and not claim.is_here():
        return "elsewhere"
    return "interrupted" if is_abandoned(job) else "running"


def is_abandoned(job: JobFolder) -> bool:
    """Whether a process of this machine claimed the job and is gone."""
    claim = job.claimed_by()
    if claim is None:
        return False
    if claim.pid == 0:  # half-written: by a process that is just writing it, or by one that died then
        return is_old(job.path / "claim.json")
    return claim.is_here() and not is_alive(claim.pid, claim.started)


def is_old(path: Path) -> bool:
    """Whether a file was not written just now, or is gone; one from the future is old too: the clock was set back."""
    try:
        return abs(time.time() - path.stat().st_mtime) > HALF_WRITTEN_CLAIM_S
    except OSError:
        return True


def finished_but_not_imported(jobs_dir: Path) -> list[JobFolder]:
    """Objects that were made and never came into a scene."""
    return [job for job in job_folders(jobs_dir) if state(job) == "finished" and not job.is_imported()]


def interrupted(jobs_dir: Path) -> list[JobFolder]:
    """Jobs whose worker is gone; each gets the last event that its worker could not write."""
    jobs = [job for job in job_folders(jobs_dir) if state(job) == "interrupted"]
    for job in jobs:
        with contextlib.suppress(OSError):
            job.append(worker_vanished(job))
    return jobs


def queued(jobs_dir: Path) -> list[JobFolder]:
    """Jobs nobody took, asked for by a process of this machine that is gone, or by this very one."""
    return [job for job in job_folders(jobs_dir) if state(job) == "queued" and submitter_exited(job)]


def submitter_exited(job: JobFolder) -> bool:
    """Whether a process of this machine asked for the job and is gone, or is this very one."""
    asked = queued_event(job)
    return asked is not None and is_this_machine(asked.host, asked.machine) and is_gone_or_own(asked)


def is_orphaned(job: JobFolder) -> bool:
    """Whether a Blender may take care of an unfinished job: the one of this machine that asked for it is gone."""
    asked = queued_event(job)
    is_here = asked is not None and is_this_machine(asked.host, asked.machine)
    return is_here and asked.is_for_blender and is_gone_or_own(asked)


def should_offer_import(job: JobFolder) -> bool:
    """Whether nobody else will bring a finished object in; a shell or a batch has its files where it wants them."""
    asked = queued_event(job)
    if asked is None:
        return True
    if not is_this_machine(asked.host, asked.machine):
        return asked.is_for_blender and abs(time.time() - job.last_event().time) > ELSEWHERE_S
    return asked.is_for_blender and is_gone_or_own(asked)


def queued_event(job: JobFolder) -> Queued | None:
    """How the job was asked for, or None where that is lost."""
    return next((event for event in job.events() if isinstance(event, Queued)), None)


def is_gone_or_own(asked: Queued) -> bool:
    """Whether the process of this machine that asked is gone, or is this very one."""
    is_own = asked.pid == os.getpid() and asked.started in ("", own_start_token())
    return is_own or not is_alive(asked.pid, asked.started)
