# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the jobs that run: plain values, fed by events, read by the panel and the pump. No bpy."""

import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from ...client.session import Session
from ...protocol.events import Cancelled, Event, Failed, Finished, Notice, Progress, Started
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from .problem import DRAFT, USE_CPU, Problem, problem_of_failure
from .time_history import Duration, save_duration


@dataclass(frozen=True)
class ImportTarget:
    """Where a result goes. Names and numbers only: Blender's own objects may be gone at the next tick.

    Attributes:
        scene_name: The scene that Generate was pressed in.
        location: Where the object stands.
        expected_sha256: Of the weights, where an object is made again; "" for a new one.
    """

    scene_name: str
    location: tuple[float, float, float]
    expected_sha256: str = ""


@dataclass
class ActiveJob:
    """One job of this session, from Generate to its object.

    Attributes:
        target: Where its result goes; None once another file was loaded, and then it is offered instead.
        stage_since, updated_at: When the stage began and when something was last heard, by time.monotonic.
        has_new_preview: Whether preview.npz was replaced since it was last shown.
        device, device_name: What it runs on, "" before it began.
        is_alone: Whether no other was made together with it.
        end: "" while it runs, then the last event's kind.
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

    @property
    def share_done(self) -> float:
        """0 to 1: of the time where that is known, else of the stage."""
        if self.eta_s is not None and self.elapsed_s + self.eta_s > 0:
            return self.elapsed_s / (self.elapsed_s + self.eta_s)
        return self.index / self.total if self.total else 0.0

    @property
    def silent_s(self) -> float:
        """Seconds since something was heard of it."""
        return time.monotonic() - self.updated_at

    def enter(self, stage: str) -> None:
        """Be in a stage from now on, or still in it."""
        self.updated_at = time.monotonic()
        if stage != self.stage or stage == "queued":
            self.stage, self.stage_since = stage, self.updated_at


@dataclass
class SessionState:
    """Everything the add-on holds in memory. The folders hold the rest.

    Attributes:
        jobs: Not yet ended, or ended and not yet brought in, by id, oldest first.
        ready: Finished jobs of earlier sessions that never came into a scene.
        unclaimed: Jobs of earlier sessions that nobody began.
        orphaned: Jobs of earlier sessions that a worker still makes.
        devices: Kind and name of what ran the newest job, by what was asked for, such as "auto".
        times: What objects took on this machine, by data folder, newest first.
    """

    session: Session | None = None
    jobs: dict[str, ActiveJob] = field(default_factory=dict)
    ready: list[JobFolder] = field(default_factory=list)
    unclaimed: list[JobFolder] = field(default_factory=list)
    orphaned: list[JobFolder] = field(default_factory=list)
    notices: deque[str] = field(default_factory=lambda: deque(maxlen=4))
    problem: Problem | None = None
    device: str = ""
    devices: dict[str, tuple[str, str]] = field(default_factory=dict)
    times: dict[Path, list[Duration]] = field(default_factory=dict)

    @property
    def running(self) -> list[ActiveJob]:
        """Jobs that have not ended, the one at work first."""
        return [job for job in self.jobs.values() if not job.end]

    @property
    def finished(self) -> list[ActiveJob]:
        """Jobs whose objects wait to be brought in."""
        return [job for job in self.jobs.values() if job.end == Finished.kind]

    def notice(self, message: str) -> None:
        """Tell the user once."""
        if message not in self.notices:
            self.notices.append(message)


state = SessionState()


def apply_event(job: ActiveJob, event: Event) -> None:
    """Take in one event of a job."""
    job.enter(job.stage)
    if isinstance(event, Progress):
        job.enter(event.stage)
        job.index, job.total = event.index, event.total
        job.elapsed_s, job.eta_s, job.memory_mb = event.elapsed_s, event.eta_s, event.memory_mb
        job.has_new_preview |= event.preview
    elif isinstance(event, Started):
        start(job, event)
    elif isinstance(event, Notice):
        state.notice(event.message)
    elif isinstance(event, Finished | Cancelled | Failed):
        end(job, event)


def start(job: ActiveJob, event: Started) -> None:
    """A worker has taken it up, alone or together with others."""
    for other in state.running:
        if other is not job and other.stage != "queued":
            other.is_alone = job.is_alone = False
    job.enter("load")
    job.device, job.device_name = event.device.partition(":")[0], event.device_name
    state.devices[job.request.device] = (job.device, job.device_name)
    state.device = event.device_name or event.device


def end(job: ActiveJob, event: Finished | Cancelled | Failed) -> None:
    """Take in the last event; a finished job stays until its object is brought in."""
    job.end = event.kind
    for waiting in state.running:
        if waiting.stage == "queued":
            waiting.enter("queued")  # its turn comes now
    if isinstance(event, Finished):
        record_duration(job, event.elapsed_s)
        return
    state.jobs.pop(job.folder.job_id, None)
    if isinstance(event, Failed):
        useless = [DRAFT] * (job.request.quality == "draft") + [USE_CPU] * ("cpu" in state.device.lower())
        state.problem = problem_of_failure(event, job.folder.path, job.request.model, tuple(useless))


def record_duration(job: ActiveJob, seconds: float) -> None:
    """Keep what a job took, where that says what the next one will take: not of a latent, with views, or of many."""
    request = job.request
    if not job.device or not job.is_alone or request.latent or request.views:
        return
    sampling = (request.quality, request.steps, request.grid, request.outputs)
    data_dir = job.folder.path.parent.parent
    state.times[data_dir] = save_duration(
        data_dir, Duration(request.model, job.device, job.device_name, *sampling, seconds)
    )
