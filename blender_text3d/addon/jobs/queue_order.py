# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the waiting jobs, and the pause of the queue; both are stored for the next Blender."""

from contextlib import suppress

from ...client.stored_queue import in_order, own_path, remove_queues, store_queue
from ..settings.choices import choices
from ..state.active_job import ActiveJob
from ..state.session_state import state
from . import poll_timer

UP, DOWN, TOP, BOTTOM = "UP", "DOWN", "TOP", "BOTTOM"


def movable_jobs() -> list[ActiveJob]:
    """Return the waiting jobs whose order can be changed, the next one first. The next one to start is none of them."""
    if state.session is None:
        return []
    movable = set(state.session.movable)
    return [job for job in state.running if is_waiting(job) and job.folder in movable]


def is_waiting(job: ActiveJob) -> bool:
    """True if a job has not started and will."""
    return job.status == "waiting" and not job.is_cancel_requested


def is_held(job: ActiveJob) -> bool:
    """True if a job waits for the end of the pause."""
    session = state.session
    return state.is_paused and is_waiting(job) and session is not None and job.folder not in session.offer.jobs


def move(job_id: str, direction: str) -> bool:
    """Move a waiting job among the others; False if it cannot be moved there."""
    ids = [job.folder.job_id for job in movable_jobs()]
    if job_id not in ids:
        return False
    old = ids.index(job_id)
    new = {UP: old - 1, DOWN: old + 1, TOP: 0, BOTTOM: len(ids) - 1}[direction]
    if new == old or not 0 <= new < len(ids):
        return False
    ids.insert(new, ids.pop(old))
    set_order(ids)
    return True


def set_order(ids: list[str]) -> None:
    """Have jobs run, and be listed, in this order."""
    assert state.session is not None
    state.session.reorder([state.jobs[job_id].folder for job_id in ids])
    state.jobs = dict(in_order(list(state.jobs.items()), ids, name=lambda item: item[0]))
    store()


def set_paused(*, is_paused: bool) -> None:
    """Hold all jobs that have not been offered to the worker, or let them run."""
    state.is_paused = is_paused
    if state.session:
        state.session.is_paused = is_paused
    store()
    poll_timer.start()


def store() -> None:
    """Store order and pause, or remove the file if there is nothing to store. Without it, jobs are ordered by age."""
    jobs_dir = state.session.jobs_dir if state.session else choices().jobs_dir
    waiting = [job.folder.job_id for job in state.running if is_waiting(job)]
    with suppress(OSError):
        if waiting or state.is_paused:
            store_queue(jobs_dir, waiting, is_paused=state.is_paused)
        else:
            own_path(jobs_dir).unlink(missing_ok=True)


def replace_left_queues() -> None:
    """Store the queue, and remove the files of the earlier sessions whose jobs it has now."""
    store()
    own = own_path(state.session.jobs_dir if state.session else choices().jobs_dir)
    remove_queues(queue for queue in state.left_queues if queue.path != own)
    state.left_queues = []
