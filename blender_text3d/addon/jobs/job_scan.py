# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier sessions left: finished objects, jobs at work, jobs that nobody began. Looked for a little per tick."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from ...client import recovery
from ...client.exit_reasons import worker_vanished
from ...protocol.job_folder import JobFolder
from ..state.jobs_folder import SHARE_OF_TICK_S, names_in
from ..state.session_state import state

MAX_JOBS = 200

_scan: Iterator[None] | None = None


def start_scan(jobs_dir: Path) -> None:
    """Look through the newest jobs from the next tick on."""
    global _scan
    _scan = scan(jobs_dir)


def is_scanning() -> bool:
    """Whether the look is not yet done."""
    return _scan is not None


def scan_for() -> None:
    """Go on with the look for a few milliseconds."""
    global _scan
    until = time.perf_counter() + SHARE_OF_TICK_S
    while _scan is not None and time.perf_counter() < until:
        if next(_scan, StopIteration) is StopIteration:
            _scan = None


def scan_all(jobs_dir: Path) -> None:
    """Look through the newest jobs now."""
    for _ in scan(jobs_dir):
        pass


def scan(jobs_dir: Path) -> Iterator[None]:
    """Fill the desk's offers, leftovers and what is under way, one folder per step; job names sort by age."""
    offers, leftovers, underway = [], [], []
    for name in sorted(names_in(jobs_dir), reverse=True)[:MAX_JOBS]:
        classify(JobFolder(Path(jobs_dir) / name), offers, leftovers, underway)
        yield
    state.ready, state.unclaimed, state.orphaned = offers, leftovers, underway


def classify(folder: JobFolder, offers: list[JobFolder], leftovers: list[JobFolder], underway: list[JobFolder]) -> None:
    """Put one job where it belongs; a job that was interrupted gets its last event."""
    if folder.job_id in state.jobs or folder.is_imported() or not folder.request.is_file():
        return
    job_state = recovery.state(folder)
    if job_state == "finished" and recovery.should_offer_import(folder):
        offers.append(folder)
    elif job_state == "queued" and recovery.is_orphaned(folder):
        leftovers.append(folder)
    elif job_state == "running" and recovery.is_orphaned(folder):
        underway.append(folder)
    elif job_state == "interrupted":
        with contextlib.suppress(OSError):
            folder.append(worker_vanished(folder))
