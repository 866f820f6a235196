# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that an earlier session queued, and no worker has claimed: queued again, in their order."""

import bpy

from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from ...protocol.validation import truncated_repr
from ..settings.choices import choices
from ..settings.remote_paths import is_remote_viewer
from ..state.active_job import ActiveJob, ImportTarget
from ..state.problem import problem_of_error
from ..state.session_state import state
from . import poll_timer, queue_order
from .free_location import slot_location
from .selection import follow_selection
from .submit import session_for


def resume_unclaimed(scene: bpy.types.Scene) -> list[ActiveJob]:
    """Queue the unclaimed jobs of earlier sessions. If the queue was paused, it is again.

    Those that are invalid are left out, and the first of them becomes the problem in the panel.
    """
    folders, state.unclaimed = state.unclaimed, []
    jobs = [job for folder in folders for job in resumable(folder)]
    if not jobs:
        return []
    for slot, job in enumerate(jobs):
        job.target = ImportTarget(scene.name, slot_location(slot, job.request.size_m, scene, rows=2))
        state.jobs[job.folder.job_id] = job
    follow_selection(jobs)
    state.is_paused |= any(queue.is_paused for queue in state.left_queues)
    session_for(choices()).resume([job.folder for job in jobs])
    queue_order.replace_left_queues()
    poll_timer.start()
    return jobs


def resumable(folder: JobFolder) -> list[ActiveJob]:
    """Return a job to queue, or nothing with a problem in the panel if it is invalid."""
    try:
        return [ActiveJob(folder, request_to_resume(folder), None)]
    except InvalidJob as error:
        state.problem = state.problem or problem_of_error(error)
        return []


def request_to_resume(folder: JobFolder) -> Request:
    """Return the request of a job from an earlier session.

    Raises:
        InvalidJob: It is invalid, or its live view would go to a machine that the preferences do not name.
    """
    request = folder.read_request()
    if request.viewer not in ("", "spawn", choices().live_view_address) and is_remote_viewer(request.viewer):
        asked = f"sends its live view to another machine, {truncated_repr(request.viewer)}"
        raise InvalidJob(f"Job {folder.job_id} {asked}. Use Generate instead.")
    return request
