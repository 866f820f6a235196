# SPDX-License-Identifier: GPL-3.0-or-later
"""Scan for jobs of earlier sessions and other processes. A few milliseconds per tick."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ...client import recovery
from ...client.exit_reasons import worker_vanished
from ...client.other_jobs import OtherJob, read_other_job
from ...client.results.entry import stored_request
from ...client.results.left_drafts import remove_if_left
from ...client.stored_queue import StoredQueue, in_order, own_path, queue_files, read_queue, remove_queues
from ...protocol.job_folder import JobFolder
from ...system.run_steps import run_for
from ..state.jobs_folder import SHARE_OF_TICK_S, all_names_in, job_names
from ..state.session_state import state

MAX_JOBS = 200
MAX_OTHERS = 100


class FoundJobs(NamedTuple):
    """The lists of the session state that a scan fills."""

    ready: list[JobFolder]
    unclaimed: list[JobFolder]
    orphaned: list[JobFolder]
    others: dict[str, OtherJob]


_scan: Iterator[None] | None = None
_seen: set[str] = set()
"""Names in the jobs folder that need not be read again to find new jobs."""
_seen_in: list[Path] = []
"""The jobs folder that was scanned last."""
_left_out: list[bool] = [False]
"""Holds True if there were more than MAX_OTHERS jobs of other processes."""


def start_scan(jobs_dir: Path) -> None:
    """Scan the newest jobs, starting with the next tick."""
    global _scan
    _scan = scan(jobs_dir)


def start_scan_of_new(jobs_dir: Path) -> None:
    """Scan the jobs that were added since the last scan, starting with the next tick; all jobs of another folder."""
    global _scan
    _scan = scan_new(jobs_dir) if _seen_in == [jobs_dir] else scan(jobs_dir)


def is_scanning() -> bool:
    """True until the scan is complete."""
    return _scan is not None


def has_left_out() -> bool:
    """True if there is room now for jobs of other processes that the last scan left out."""
    return _left_out[0] and len(state.others) < MAX_OTHERS


def forget() -> None:
    """End a scan, and forget which jobs were seen."""
    global _scan
    _scan = None
    _seen_in.clear()


def scan_for() -> None:
    """Continue the scan for a few milliseconds."""
    global _scan
    if _scan is not None and run_for(_scan, SHARE_OF_TICK_S):
        _scan = None


def scan_all(jobs_dir: Path) -> None:
    """Scan the newest jobs at once."""
    for _ in scan(jobs_dir):
        pass


def scan(jobs_dir: Path) -> Iterator[None]:
    """Set the lists ready, unclaimed, orphaned and others of the session state, one file or folder per step.

    Job names sort by age. Of the older jobs, only those without a claim are read: they may still wait. Drafts of Live
    are in no list; those of a Blender that is gone are deleted.
    """
    found = FoundJobs([], [], [], {})
    names = all_names_in(jobs_dir)
    _seen_in[:], _left_out[0] = [jobs_dir], False
    _seen.clear()
    _seen.update(names)
    for place, name in enumerate(sorted(job_names(names), reverse=True)):
        folder = JobFolder(Path(jobs_dir) / name)
        if folder.is_draft():
            remove_if_left(folder)
        elif place < MAX_JOBS:
            classify(folder, found)
        elif not folder.is_claimed():
            classify(folder, found._replace(ready=[]))
        yield
    yield from sort_by_queues(found.unclaimed, queue_files(Path(jobs_dir), names))
    state.ready, state.unclaimed, state.orphaned, state.others = found


def scan_new(jobs_dir: Path) -> Iterator[None]:
    """Add the jobs that no scan has seen to the lists of the session state, the oldest first, one folder per step."""
    names = job_names(all_names_in(jobs_dir))
    _left_out[0] = False
    yield
    for name in sorted(set(names) - _seen):
        if len(state.others) >= MAX_OTHERS:
            _left_out[0] = True
            break
        _seen.add(name)
        ready: list[JobFolder] = []
        folder = JobFolder(Path(jobs_dir) / name)
        if not folder.is_draft():
            classify(folder, FoundJobs(ready, state.unclaimed, state.orphaned, state.others))
        state.ready[:0] = ready
        yield


def sort_by_queues(unclaimed: list[JobFolder], files: list[Path]) -> Iterator[None]:
    """Sort jobs by their age, and as the queues of their sessions were ordered; one file per step."""
    queued_at: dict[JobFolder, float] = {}
    for folder in unclaimed:
        event = recovery.queued_event(folder)
        queued_at[folder] = event.time if event else 0.0
        yield
    unclaimed.sort(key=lambda folder: (queued_at[folder], folder.job_id))
    left: list[StoredQueue] = []
    for path in files:
        left += filter(None, [read_queue(path)])
        yield
    for queue in left:
        unclaimed[:] = in_order(unclaimed, queue.order, name=lambda folder: folder.job_id)
    if not unclaimed:
        remove_queues(queue for queue in left if queue.path != own_path(queue.path.parent))
    state.left_queues = left


def classify(folder: JobFolder, found: FoundJobs) -> None:
    """Add the job to the list of its state. An interrupted job gets its last event."""
    if folder.job_id in state.jobs or folder.is_imported() or not folder.request.is_file():
        return
    job_state = recovery.state(folder)
    if job_state == "finished" and recovery.should_offer_import(folder):
        found.ready.append(folder)
        remember_request(folder)
    elif job_state == "queued" and recovery.is_orphaned(folder):
        found.unclaimed.append(folder)
    elif job_state == "interrupted":
        with contextlib.suppress(OSError):
            folder.append(worker_vanished(folder))
    elif job_state in ("queued", "running", "elsewhere"):
        if job_state == "running" and recovery.is_orphaned(folder):
            found.orphaned.append(folder)
        if other := read_other_job(folder):
            add_other(other, found.others)


def remember_request(folder: JobFolder) -> None:
    """Keep what was asked for an offered job, since the panel reads no files while it is drawn."""
    if request := stored_request(folder):
        state.ready_requests[folder.job_id] = request


def add_other(other: OtherJob, others: dict[str, OtherJob]) -> None:
    """Add a job; of more than MAX_OTHERS the last one in line is left to a later scan."""
    others[other.folder.job_id] = other
    if len(others) > MAX_OTHERS:
        last = max(others.values(), key=in_line).folder.job_id
        del others[last]
        _seen.discard(last)
        _left_out[0] = True


def listed_others() -> list[OtherJob]:
    """Return the jobs of other processes in the order in which they are listed."""
    return sorted(state.others.values(), key=in_line)


def in_line(other: OtherJob) -> tuple[bool, str]:
    """Return the key that sorts running jobs before waiting ones, and both by age."""
    return not other.is_running, other.folder.job_id
