# SPDX-License-Identifier: GPL-3.0-or-later
"""State of this session's jobs: plain values, updated by events, read by panels and the timer. No bpy."""

import time
from dataclasses import field
from pathlib import Path

from ...client.other_jobs import OtherJob
from ...client.session import Session
from ...client.stored_queue import StoredQueue
from ...protocol.caption import result_name
from ...protocol.events import TERMINAL, Cancelled, Event, Failed, Finished, Made, Notice, Progress, Started, share_done
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from ...system.lazy_dataclass import lazy_dataclass
from .problem import DRAFT, USE_CPU, Problem, problem_of_failure
from .time_history import Duration, save_duration

MAX_NOTICES = 4
MAX_ENDED = 100


@lazy_dataclass(frozen=True)
class Selection:
    """The selected and the active object of a view layer, by their session UIDs; `active` is 0 for none."""

    selected: frozenset[int]
    active: int


@lazy_dataclass(frozen=True)
class ReplacedObject:
    """The generated object that a result becomes a version of, as values that find it again.

    Attributes:
        name: Name when the job was queued.
        object_id: Its custom property "text3d_object_id", which stays when its file is reopened.
        session_uid: Its session UID, which stays when it is renamed.
        matrix_world: Its transform, four rows of four, for the preview.
    """

    name: str
    object_id: str
    session_uid: int
    matrix_world: tuple[tuple[float, ...], ...]


@lazy_dataclass(frozen=True)
class ImportTarget:
    """Scene and location of a result. Names and numbers only: Blender's objects may be gone at the next tick.

    Attributes:
        scene_name: Name of the scene that Generate was pressed in.
        location: Location of the object.
        expected_sha256: Hash of the weights of the first object, for Regenerate; "" for a new object.
        is_on_sheet: True on an open contact sheet, whose end makes the undo step.
        replaced: The object that the result becomes a version of, or None for a new object.
    """

    scene_name: str
    location: tuple[float, float, float]
    expected_sha256: str = ""
    is_on_sheet: bool = False
    replaced: ReplacedObject | None = None


@lazy_dataclass
class ActiveJob:
    """One job of this session, from Generate to the import.

    Attributes:
        target: Scene and location of the result; None if another file was loaded, and the result is only offered.
        stage_since, updated_at: Start of the stage and time of the last event, by time.monotonic.
        has_new_preview: True if preview.npz was replaced since it was last shown.
        device, device_name: Kind and name of the device; "" before the job has started.
        is_alone: True if the job is not part of a batch.
        end: Kind of the terminal event, "finished" once the object is made; "" before that.
        problem: The cause of a failure, or None.
        selection: The selection that the result replaces: that of Generate, or the one that the add-on has made since.
            None if the result is selected in any case.
        placed_next_to: Name of the object that would hide the result at the 3D cursor, or "".
        starts_worker: True if no worker ran when the job was queued.
        submitted_at: Time of Generate by time.monotonic.
        began_at: Time by time.monotonic when the job left the queue: its start, or Generate if it started the worker.
        name: Name of the objects: the prompt, or what was recognized in the image.
    """

    folder: JobFolder
    request: Request
    target: ImportTarget | None
    stage: str = "queued"
    index: int = 0
    total: int = 0
    elapsed_s: float = 0.0
    eta_s: float | None = None
    memory_mb: float = 0.0
    stage_since: float = field(default_factory=time.monotonic)
    updated_at: float = field(default_factory=time.monotonic)
    has_new_preview: bool = False
    is_cancel_requested: bool = False
    device: str = ""
    device_name: str = ""
    is_alone: bool = True
    end: str = ""
    problem: Problem | None = None
    selection: Selection | None = None
    name: str = ""
    placed_next_to: str = ""
    starts_worker: bool = False
    submitted_at: float = field(default_factory=time.monotonic)
    began_at: float = 0.0

    def __post_init__(self) -> None:
        self.name = self.name or result_name(self.request, [])
        self.began_at = self.submitted_at

    @property
    def status(self) -> str:
        """State in the queue: "waiting", "running", "finished", "failed" or "cancelled"."""
        return self.end or ("waiting" if self.stage == "queued" else "running")

    @property
    def share_done(self) -> float:
        """Progress from 0 to 1: of the time if that is estimated, else of the stage."""
        return share_done(self.index, self.total, self.elapsed_s, self.eta_s)

    @property
    def silent_s(self) -> float:
        """Seconds since the last event."""
        return time.monotonic() - self.updated_at

    def enter(self, stage: str) -> None:
        """Record an event of a stage, and the start of the stage if it is new."""
        self.updated_at = time.monotonic()
        if stage != self.stage or stage == "queued":
            self.stage, self.stage_since = stage, self.updated_at


class SessionState:
    """Everything the add-on keeps in memory. The rest is in folders.

    Attributes:
        jobs: Jobs that run or wait to be imported, by ID, oldest first.
        ended: Failed and canceled jobs of this session by ID, oldest first, which can be retried.
        results: Name of the newest object by the ID of the job that was imported.
        notices: Messages for the user, each with the ID of the job it is about, or "".
        ready: Finished jobs of earlier sessions that were not imported.
        unclaimed: Queued jobs of earlier sessions that no worker claimed, in the order of their queues.
        left_queues: Order and pause of the queues of earlier sessions.
        is_paused: True if no waiting job may start.
        orphaned: Jobs of earlier sessions that a worker still runs.
        others: Unfinished jobs of other processes, those of `orphaned` among them, by ID.
        drafts: Folders of the drafts of Live that run, by ID.
        ended_drafts: Drafts that have ended, with their last events, until Live takes them.
        devices: Kind and name of the device of the newest job, by the requested device such as "auto".
        times: Durations of jobs on this machine, by data folder, newest first.
    """

    def __init__(self) -> None:
        """Begin without jobs."""
        self.session: Session | None = None
        self.jobs: dict[str, ActiveJob] = {}
        self.ready: list[JobFolder] = []
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
        state.problem = job.problem


def keep_ended(job: ActiveJob) -> None:
    """List a failed or canceled job until the user retries or removes it; of more than MAX_ENDED, the newest ones."""
    state.ended[job.folder.job_id] = job
    while len(state.ended) > MAX_ENDED:
        del state.ended[next(iter(state.ended))]


def record_duration(job: ActiveJob, seconds: float) -> None:
    """Save the duration of a job, unless it is not typical: from a latent, with views, or in a batch."""
    request = job.request
    if not job.device or not job.is_alone or request.latent or request.views:
        return
    sampling = (request.quality, request.steps, request.grid, request.outputs)
    data_dir = job.folder.path.parent.parent
    state.times[data_dir] = save_duration(
        data_dir, Duration(request.model, job.device, job.device_name, *sampling, seconds, start_s(job, seconds))
    )


def start_s(job: ActiveJob, seconds: float) -> float:
    """Return the seconds from Generate to the start of a job that had to start the worker, else 0."""
    return max(0.0, time.monotonic() - job.submitted_at - seconds) if job.starts_worker else 0.0
