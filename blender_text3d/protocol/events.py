# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of a job: one frozen dataclass per kind, one JSON object per line of events.jsonl.

A job that has ended has exactly one event of TERMINAL, its last.
"""

import json
import os
import platform
import time
from dataclasses import MISSING, asdict, field, fields
from typing import ClassVar

from ..system.lazy_dataclass import lazy_dataclass
from .stored_names import from_stored, to_stored

MAX_INT = 2**53


@lazy_dataclass(frozen=True, kw_only=True)
class BaseEvent:
    """Fields that all events have.

    Attributes:
        kind: Name of the kind in the file.
        time: Unix time in seconds.
    """

    kind: ClassVar[str]
    time: float = field(default_factory=time.time)

    def to_json(self) -> str:
        """Return a JSON object on one line, without a newline."""
        return json.dumps({"kind": self.kind, **to_stored(asdict(self))})


@lazy_dataclass(frozen=True, kw_only=True)
class Queued(BaseEvent):
    """The job folder is complete and waits for a worker.

    Attributes:
        pid: ID of the submitting process.
        host: Host name of its machine.
        machine: `machine_id()`; "" if unknown, and in journals of older versions.
        started: Start token of the process; "" if unknown, and in journals of older versions.
        is_for_blender: True if Blender may import the object or resume the job after the process has exited.
    """

    kind = "queued"
    pid: int = field(default_factory=os.getpid)
    host: str = field(default_factory=platform.node)
    machine: str = ""
    started: str = ""
    is_for_blender: bool = True


@lazy_dataclass(frozen=True, kw_only=True)
class Started(BaseEvent):
    """A worker has loaded the model and starts the job.

    Attributes:
        pid: Process ID of the worker.
        host: Host name of its machine.
        device: Device of the networks, such as "cpu" or "cuda:0".
        device_name: Product name of the device.
        engine_version: ENGINE_VERSION of the worker.
        torch_version: Version of PyTorch.
        weights_sha256: Hash of the weights file.
        image_weights_sha256: Hash of the weights that make the view of a three-step model; "" if none is made.
    """

    kind = "started"
    pid: int
    host: str
    device: str
    device_name: str
    engine_version: str
    torch_version: str
    weights_sha256: str
    image_weights_sha256: str = ""


@lazy_dataclass(frozen=True, kw_only=True)
class Notice(BaseEvent):
    """A message for the user about a running job, such as words that the model does not know."""

    kind = "notice"
    message: str


@lazy_dataclass(frozen=True, kw_only=True)
class Progress(BaseEvent):
    """A step of a stage is complete.

    Attributes:
        stage: "load", "sample", "field", "mesh", "export" …
        index: Completed steps of the stage; 0 at its start.
        total: Number of steps of the stage.
        elapsed_s: Seconds since the job started.
        eta_s: Estimated seconds until the job ends, or None if unknown.
        memory_mb: Memory of the worker in units of 2**20 bytes.
        sigma: Noise level after a denoising step, or None.
        preview: True if preview.npz was replaced in this step.
    """

    kind = "stepped"
    stage: str
    index: int
    total: int
    elapsed_s: float = 0.0
    eta_s: float | None = None
    memory_mb: float = 0.0
    sigma: float | None = None
    preview: bool = False

    @property
    def share_done(self) -> float:
        """Progress from 0 to 1, as of `share_done`."""
        return share_done(self.index, self.total, self.elapsed_s, self.eta_s)


def share_done(index: int, total: int, elapsed_s: float, eta_s: float | None) -> float:
    """Return the progress of a job from 0 to 1: of the time if that is estimated, else of the steps of the stage."""
    if eta_s is not None and elapsed_s + eta_s > 0:
        share = elapsed_s / (elapsed_s + eta_s)
    else:
        share = index / total if total else 0.0
    return min(max(share, 0.0), 1.0)


@lazy_dataclass(frozen=True, kw_only=True)
class ViewChosen(BaseEvent):
    """The views of a three-step model are made, and one is chosen.

    Attributes:
        view: File of the chosen one among the candidates, such as "view_2.png"; view.png is a copy of it.
        total: Number of candidates.
        score: Its score; None if there was nothing to choose, or nothing to compare them with the prompt.
        scored_by: What gave the score: "CLIP" or "image tower"; "" without a score.
    """

    kind = "view"
    view: str
    total: int
    score: float | None = None
    scored_by: str = ""


@lazy_dataclass(frozen=True, kw_only=True)
class Made(BaseEvent):
    """The object can be imported; the other files are still being written, and the job has not ended.

    Attributes:
        elapsed_s: Seconds since the job started.
        files: Complete files in the job folder by kind: mesh, cloud.
        vertices: Vertices of the mesh, or 0.
        faces: Faces of the mesh, or 0.
        points: Points of the cloud, or 0.
    """

    kind = "made"
    elapsed_s: float
    files: dict[str, str]
    vertices: int = 0
    faces: int = 0
    points: int = 0


@lazy_dataclass(frozen=True, kw_only=True)
class Finished(BaseEvent):
    """The object and all of its files are complete.

    Attributes:
        elapsed_s: Seconds since the job started.
        files: Files in the job folder by kind: mesh, cloud, latent, steps, step_meshes, views, view_images, rrd, and of
            three-step models view, view_0, view_1 …; of older versions also glb, ply and cloud_ply.
        vertices: Vertices of the mesh, or 0.
        faces: Faces of the mesh, or 0.
        points: Points of the cloud, or 0.
    """

    kind = "finished"
    elapsed_s: float
    files: dict[str, str]
    vertices: int = 0
    faces: int = 0
    points: int = 0


@lazy_dataclass(frozen=True, kw_only=True)
class Cancelled(BaseEvent):
    """The job was cancelled at this stage and step."""

    kind = "cancelled"
    stage: str
    index: int


@lazy_dataclass(frozen=True, kw_only=True)
class Failed(BaseEvent):
    """The job could not be completed.

    Attributes:
        message: Error message for the user, one sentence.
        reason: A value of `failures.Reason`; newer versions may add others.
        fix: Suggested action, one sentence.
    """

    kind = "failed"
    message: str
    reason: str
    fix: str


Event = Queued | Started | Notice | Progress | ViewChosen | Made | Finished | Cancelled | Failed
TERMINAL = (Finished, Cancelled, Failed)
KINDS: dict[str, type[Event]] = {
    event.kind: event for event in (Queued, Started, Notice, Progress, ViewChosen, Made, Finished, Cancelled, Failed)
}


def event_from_json(line: str) -> Event | None:
    """Return the event on a line, or None if the line is incomplete or its kind or values are not known."""
    try:
        values = from_stored(json.loads(line))
        kind = KINDS[values["kind"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    known = {part.name: part for part in fields(kind)}
    required = {name for name, part in known.items() if part.default is part.default_factory is MISSING}
    given = {name: value for name, value in values.items() if name in known}
    if not required <= given.keys() or not all(_fits(value, known[name].type) for name, value in given.items()):
        return None
    return kind(**given)


def _fits(value: object, kind: object) -> bool:
    """True if a value matches the annotation of its field."""
    if value is None:
        return kind == float | None
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_INT
    if kind in (float, float | None):  # NaN fails the comparison
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_INT
    if kind == dict[str, str]:
        return isinstance(value, dict) and all(isinstance(name, str) for name in value.values())
    return isinstance(kind, type) and isinstance(value, kind)
