# SPDX-License-Identifier: GPL-3.0-or-later
"""Scan for jobs of earlier sessions: finished, running and unclaimed ones. A few milliseconds per tick."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from ...client import recovery
from ...client.exit_reasons import worker_vanished
from ...client.results.left_drafts import remove_if_left
from ...client.stored_queue import StoredQueue, in_order, own_path, queue_files, read_queue, remove_queues
from ...protocol.job_folder import JobFolder
from ..state.jobs_folder import SHARE_OF_TICK_S, all_names_in, job_names
from ..state.session_state import state

MAX_JOBS = 200

_scan: Iterator[None] | None = None


def start_scan(jobs_dir: Path) -> None:
    """Scan the newest jobs, starting with the next tick."""
    global _scan
    _scan = scan(jobs_dir)


def is_scanning() -> bool:
    """True until the scan is complete."""
    return _scan is not None


def scan_for() -> None:
    """Continue the scan for a few milliseconds."""
    global _scan
    until = time.perf_counter() + SHARE_OF_TICK_S
    while _scan is not None and time.perf_counter() < until:
        if next(_scan, StopIteration) is StopIteration:
            _scan = None


def scan_all(jobs_dir: Path) -> None:
    """Scan the newest jobs at once."""
    for _ in scan(jobs_dir):
        pass


def scan(jobs_dir: Path) -> Iterator[None]:
    """Set the lists ready, unclaimed and orphaned of the session state, one file or folder per step.

    Job names sort by age. Of the older jobs, only those without a claim are read: they may still wait. Drafts of Live
    are in no list; those of a Blender that is gone are deleted.
    """
    ready: list[JobFolder] = []
    unclaimed: list[JobFolder] = []
    orphaned: list[JobFolder] = []
    names = all_names_in(jobs_dir)
    folders = [JobFolder(Path(jobs_dir) / name) for name in sorted(job_names(names), reverse=True)]
    for place, folder in enumerate(folders):
        if folder.is_draft():
            remove_if_left(folder)
        elif place < MAX_JOBS:
            classify(folder, ready, unclaimed, orphaned)
        elif not folder.is_claimed():
            classify(folder, [], unclaimed, orphaned)
        yield
    yield from sort_by_queues(unclaimed, queue_files(Path(jobs_dir), names))
    state.ready, state.unclaimed, state.orphaned = ready, unclaimed, orphaned


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


def classify(folder: JobFolder, ready: list[JobFolder], unclaimed: list[JobFolder], orphaned: list[JobFolder]) -> None:
    """Append the job to the list of its state. An interrupted job gets its last event."""
    if folder.job_id in state.jobs or folder.is_imported() or not folder.request.is_file():
        return
    job_state = recovery.state(folder)
    if job_state == "finished" and recovery.should_offer_import(folder):
        ready.append(folder)
    elif job_state == "queued" and recovery.is_orphaned(folder):
        unclaimed.append(folder)
    elif job_state == "running" and recovery.is_orphaned(folder):
        orphaned.append(folder)
    elif job_state == "interrupted":
        with contextlib.suppress(OSError):
            folder.append(worker_vanished(folder))
