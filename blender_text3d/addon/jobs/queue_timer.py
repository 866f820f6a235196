# SPDX-License-Identifier: GPL-3.0-or-later
"""The timer that follows the jobs of other processes while the queue is drawn, for a few milliseconds at a time."""

from collections.abc import Iterator
from pathlib import Path

from ...client.other_jobs import OtherJob, read_other_job
from ...system.run_steps import run_for
from .. import redraw
from ..background.cluster_task import cluster_task
from ..drawn_timer import DrawnTimer
from ..settings.choices import choices
from ..state.jobs_folder import SHARE_OF_TICK_S
from ..state.session_state import state
from . import image_icons, job_scan, orphan_jobs, queue_list

INTERVAL_S, BUSY_INTERVAL_S = 1.0, 0.05

_listed_version: tuple[Path, int] | None = None
_reading: Iterator[None] | None = None


def tick() -> float:
    """Look for new jobs and read known ones again. Return the time until the next tick in seconds."""
    shown = list(state.others.values())
    cluster_task.find_earlier(choices().jobs_dir.parent)
    look_for_new(choices().jobs_dir)
    job_scan.scan_for()
    read_for()
    if shown != list(state.others.values()):
        queue_list.refresh()
        redraw.sidebars()
    return BUSY_INTERVAL_S if job_scan.is_scanning() or _reading is not None else INTERVAL_S


def look_for_new(jobs_dir: Path) -> None:
    """Scan for new jobs if the jobs folder has changed, or there is room for jobs that an earlier scan left out."""
    global _listed_version
    version = (jobs_dir, folder_version(jobs_dir))
    if (version != _listed_version or job_scan.has_left_out()) and not job_scan.is_scanning():
        _listed_version = version
        job_scan.start_scan_of_new(jobs_dir)


def folder_version(folder: Path) -> int:
    """Return a number that changes with the names in a folder."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def read_for() -> None:
    """Read jobs again for a few milliseconds; the next call goes on with the others."""
    global _reading
    _reading = _reading or read_all()
    if run_for(_reading, SHARE_OF_TICK_S):
        _reading = None


def read_all() -> Iterator[None]:
    """Read all jobs of other processes again, one per step, those that run first."""
    for other in sorted(state.others.values(), key=job_scan.in_line):
        if state.others.get(other.folder.job_id) is other:
            read_again(other)
        yield


def read_again(other: OtherJob) -> None:
    """Read a job again. One that has ended, or whose process is gone, leaves the list of other processes."""
    newest = read_other_job(other.folder, other)
    if newest and newest.owner == other.owner:
        state.others[other.folder.job_id] = newest
        image_icons.refresh_job_icon(other.folder)
    elif other.folder in state.orphaned:
        del state.others[other.folder.job_id]  # orphan_jobs.poll_one does the rest
    else:
        orphan_jobs.classify_again(other.folder)


def reset() -> None:
    """Stop the timer, and forget what it has read."""
    global _listed_version, _reading
    drawn_timer.stop()
    job_scan.forget()
    _listed_version, _reading = None, None


drawn_timer = DrawnTimer(tick)
note_drawn = drawn_timer.note_drawn
