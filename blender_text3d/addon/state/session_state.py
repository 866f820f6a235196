# SPDX-License-Identifier: GPL-3.0-or-later
"""State of this session: plain values, updated by events, read by panels and the timer. No bpy."""

import time
from pathlib import Path

from ...client.other_jobs import OtherJob
from ...client.results.entry import StoredRequest
from ...client.session import Session
from ...client.stored_queue import StoredQueue
from ...protocol.caption import result_name
from ...protocol.events import TERMINAL, Cancelled, Event, Failed, Finished, Made, Notice, Progress, Started, ViewChosen
from ...protocol.failures import Reason
from ...protocol.job_folder import JobFolder
from ...protocol.models import MODELS, VIEW
from .active_job import ActiveJob
from .blend import is_of_one_blend, skipped_text
from .problem import DRAFT, USE_CPU, Problem, problem_of_failure
from .time_history import Duration, save_duration
from .views import Views

MAX_NOTICES = 4
MAX_ENDED = 100


class SessionState:
    """Everything the add-on keeps in memory. The rest is in folders.

    Attributes:
        jobs: Jobs that run or wait to be imported, by ID, oldest first.
        ended: Failed and canceled jobs of this session by ID, oldest first, which can be retried.
        results: Name of the newest object by the ID of the job that was imported.
        notices: Messages for the user, each with the ID of the job it is about, or "".
        ready: Finished jobs of earlier sessions that were not imported.
        ready_requests: What was asked for those in `ready`, as far as it is known, by ID.
        unclaimed: Queued jobs of earlier sessions that no worker claimed, in the order of their queues.
        left_queues: Order and pause of the queues of earlier sessions.
        is_paused: True if no waiting job may start.
        orphaned: Jobs of earlier sessions that a worker still runs.
        others: Unfinished jobs of other processes, those of `orphaned` among them, by ID.
        drafts: Folders of the drafts of Live that run, by ID.
        ended_drafts: Drafts that have ended, with their last events, until Live takes them.
        devices: Kind and name of the device of the newest job, by the requested device such as "auto".
        views: The newest candidates for a view, or None.
        times: Durations of jobs on this machine, by data folder, newest first.
    """

    def __init__(self) -> None:
        """Begin without jobs."""
        self.session: Session | None = None
        self.jobs: dict[str, ActiveJob] = {}
        self.ready: list[JobFolder] = []
        self.ready_requests: dict[str, StoredRequest] = {}
        self.unclaimed: list[JobFolder] = []
        self.left_queues: list[StoredQueue] = []
        self.is_paused = False
        self.orphaned: list[JobFolder] = []
        self.others: dict[str, OtherJob] = {}
        self.ended: dict[str, ActiveJob] = {}
        self.results: dict[str, str] = {}
        self.drafts: dict[str, JobFolder] = {}
        self.ended_drafts: list[tuple[JobFolder, Event]] = []
        self.notices: dict[str, str] = {}
        self.problem: Problem | None = None
        self.views: Views | None = None
        self.device = ""
        self.devices: dict[str, tuple[str, str]] = {}
        self.times: dict[Path, list[Duration]] = {}

    @property
    def running(self) -> list[ActiveJob]:
        """Jobs that have not ended, the active one first."""
        return [job for job in self.jobs.values() if not job.end]

    @property
    def finished(self) -> list[ActiveJob]:
        """Jobs whose objects wait to be imported."""
        return [job for job in self.jobs.values() if job.end == Finished.kind]

    @property
    def queue(self) -> list[ActiveJob]:
        """All jobs to list: those in `jobs`, then the failed and canceled ones, newest first."""
        return [*self.jobs.values(), *reversed(self.ended.values())]

    def views_prompt(self, image: str) -> str:
        """Return the prompt of a view by the path of its file, or "" for another file."""
        return self.views.prompt if self.views and image in map(str, self.views.paths) else ""

    def notice(self, message: str, job_id: str = "") -> None:
        """Show a message to the user, unless it is shown already.

        Args:
            message: The message.
            job_id: The job that it is about; the message is shown as long as the job or its object is there.
        """
        self.notices.setdefault(message, job_id)
        while len(self.notices) > MAX_NOTICES:
            del self.notices[next(iter(self.notices))]

    def apply_draft_event(self, folder: JobFolder, event: Event) -> None:
        """Note the end of a draft of Live; other events, and those of other jobs, are ignored."""
        if folder.job_id in self.drafts and isinstance(event, TERMINAL):
            self.ended_drafts.append((self.drafts.pop(folder.job_id), event))

    def remove_ended(self, job_id: str) -> None:
        """Remove a failed or canceled job from the list, with the problem that it caused."""
        job = self.ended.pop(job_id, None)
        if job and self.problem and self.problem.job_path == job.folder.path:
            self.problem = None


state = SessionState()


def has_running_worker() -> bool:
    """Return True if this session's worker process is alive."""
    return state.session is not None and state.session.worker.is_alive()


def apply_event(job: ActiveJob, event: Event) -> None:
    """Update a job by one event."""
    job.enter(job.stage)
    if isinstance(event, Progress):
        job.enter(event.stage)
        job.index, job.total = event.index, event.total
        job.elapsed_s, job.eta_s, job.memory_mb = event.elapsed_s, event.eta_s, event.memory_mb
        job.has_new_preview |= event.preview
    elif isinstance(event, Started):
        start(job, event)
    elif isinstance(event, ViewChosen):
        chosen = "" if job.request.outputs == VIEW else event.view
        state.views = Views(job.folder, job.request.prompt, job.request.candidates, chosen)
    elif isinstance(event, Notice):
        job.name = result_name(job.request, [event], job.name)
        state.notice(event.message, job.folder.job_id)
    elif isinstance(event, Made | Finished | Cancelled | Failed):
        end(job, event)


def start(job: ActiveJob, event: Started) -> None:
    """Update a job that a worker has started, alone or in a batch."""
    for other in state.running:
        if other is not job and other.stage != "queued":
            other.is_alone = job.is_alone = False
    job.enter("load")
    if not job.starts_worker:
        job.began_at = job.updated_at
    job.device, job.device_name = event.device.partition(":")[0], event.device_name
    state.devices[job.request.device] = (job.device, job.device_name)
    state.device = event.device_name or event.device


def end(job: ActiveJob, event: Made | Finished | Cancelled | Failed) -> None:
    """Update a job whose object is made, or by its terminal event. A finished job stays until it is imported."""
    if job.end == Finished.kind:  # the object was made before, and is imported whatever became of its other files
        if isinstance(event, Failed):
            state.notice(f"{event.message} {event.fix}", job.folder.job_id)
        return
    job.end = Finished.kind if isinstance(event, Made) else event.kind
    for waiting in state.running:
        if waiting.stage == "queued":
            waiting.enter("queued")  # its time in the queue counts from now on
    if isinstance(event, Made | Finished):
        record_duration(job, event.elapsed_s)
        return
    state.jobs.pop(job.folder.job_id, None)
    keep_ended(job)
    if isinstance(event, Failed):
        hidden = [DRAFT] * (job.request.quality == "draft") + [USE_CPU] * ("cpu" in state.device.lower())
        job.problem = problem_of_failure(event, job.folder.path, job.request.model, tuple(hidden))
        if event.reason == Reason.BROKEN_BLEND:
            tell_skipped(job)
        else:
            state.problem = job.problem


def tell_skipped(job: ActiveJob) -> None:
    """Tell that an object of a blend is broken, in one sentence with the others of that blend."""
    others = [ended for ended in state.ended.values() if ended is not job and is_of_one_blend(ended, job)]
    skipped = [ended for ended in others if ended.problem and ended.problem.reason == Reason.BROKEN_BLEND]
    state.notices.pop(skipped_text(skipped), None)
    state.notice(skipped_text([*skipped, job]), job.folder.job_id)


def keep_ended(job: ActiveJob) -> None:
    """List a failed or canceled job until the user retries or removes it; of more than MAX_ENDED, the newest ones."""
    state.ended[job.folder.job_id] = job
    while len(state.ended) > MAX_ENDED:
        del state.ended[next(iter(state.ended))]


def record_duration(job: ActiveJob, seconds: float) -> None:
    """Save the duration of a job, unless it is not typical: from a latent or an object, with views, or in a batch.

    Of three steps the first is typical: one view that is made, not given.
    """
    request = job.request
    if not job.device or not job.is_alone or request.latent or request.object or request.views:
        return
    if request.candidates > 1 or (request.image and MODELS[request.model].image_model):
        return
    sampling = (request.quality, request.steps, request.grid, request.outputs)
    data_dir = job.folder.path.parent.parent
    state.times[data_dir] = save_duration(
        data_dir, Duration(request.model, job.device, job.device_name, *sampling, seconds, start_s(job, seconds))
    )


def start_s(job: ActiveJob, seconds: float) -> float:
    """Return the seconds from Generate to the start of a job that had to start the worker, else 0."""
    return max(0.0, time.monotonic() - job.submitted_at - seconds) if job.starts_worker else 0.0
