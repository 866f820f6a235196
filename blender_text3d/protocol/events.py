# SPDX-License-Identifier: GPL-3.0-or-later
"""What can happen to a job: one frozen dataclass per fact, one JSON object a line in events.jsonl.

Exactly one of TERMINAL stands in a finished job, and it is the last.
"""

import json
import os
import platform
import time
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import ClassVar

MAX_INT = 2**53


@dataclass(frozen=True, kw_only=True)
class BaseEvent:
    """What every event says.

    Attributes:
        kind: Its name in the file.
        time: When it happened, in Unix seconds.
    """

    kind: ClassVar[str]
    time: float = field(default_factory=time.time)

    def to_json(self) -> str:
        """One JSON object on one line, without the line's end."""
        return json.dumps({"kind": self.kind, **asdict(self)})


@dataclass(frozen=True, kw_only=True)
class Queued(BaseEvent):
    """The job folder stands, and nobody works on it yet.

    Attributes:
        pid: Of the process that asked.
        host: The machine it ran on.
        machine: The same by a name that stays; "" where it has none, and in journals of older versions.
        started: When the process began; "" where that is not known, and in journals of older versions.
        is_for_blender: Whether a Blender may offer the object, or go on with the job, when the process is gone.
    """

    kind = "queued"
    pid: int = field(default_factory=os.getpid)
    host: str = field(default_factory=platform.node)
    machine: str = ""
    started: str = ""
    is_for_blender: bool = True


@dataclass(frozen=True, kw_only=True)
class Started(BaseEvent):
    """A worker has loaded the model and begins.

    Attributes:
        pid: Of the worker.
        host: The machine it runs on.
        device: Where the networks run, such as "cpu" or "cuda:0".
        device_name: What a person calls it.
        engine_version: Ours.
        torch_version: Torch's.
        weights_sha256: Of the weights in use.
    """

    kind = "started"
    pid: int
    host: str
    device: str
    device_name: str
    engine_version: str
    torch_version: str
    weights_sha256: str


@dataclass(frozen=True, kw_only=True)
class Notice(BaseEvent):
    """Something the user should know while the job goes on: words the model does not know, a slow run."""

    kind = "notice"
    message: str


@dataclass(frozen=True, kw_only=True)
class Progress(BaseEvent):
    """One step of one stage is done.

    Attributes:
        stage: "load", "sample", "field", "mesh", "export" …
        index: Steps done in this stage; 0 when it begins.
        of: Steps the stage has.
        elapsed_s: Seconds since the job began.
        eta_s: Seconds still to go for the whole job, or None while nobody knows.
        memory_mb: Memory the worker holds, in 2**20 bytes.
        sigma: Noise level the sampler has reached, in the stages that have one.
        preview: Whether preview.npz was just replaced.
    """

    kind = "stepped"
    stage: str
    index: int
    of: int
    elapsed_s: float = 0.0
    eta_s: float | None = None
    memory_mb: float = 0.0
    sigma: float | None = None
    preview: bool = False


@dataclass(frozen=True, kw_only=True)
class Finished(BaseEvent):
    """The object is made.

    Attributes:
        elapsed_s: Seconds since the job began.
        files: What lies in the job folder, name to file: mesh, cloud, glb, ply, cloud_ply, latent, rrd.
        vertices: V of the mesh, 0 without one.
        faces: F of the mesh, 0 without one.
        points: N of the cloud, 0 without one.
    """

    kind = "finished"
    elapsed_s: float
    files: dict[str, str]
    vertices: int = 0
    faces: int = 0
    points: int = 0


@dataclass(frozen=True, kw_only=True)
class Cancelled(BaseEvent):
    """The job stopped because somebody asked; stage and index say how far it had come."""

    kind = "cancelled"
    stage: str
    index: int


@dataclass(frozen=True, kw_only=True)
class Failed(BaseEvent):
    """The job stopped because it could not go on.

    Attributes:
        message: What happened, to what: one sentence for the user.
        reason: A code: bad_request, broken_job, out_of_memory, disk_full, read_only, environment, weights,
            broken_weights, worker_died, interrupted, no_device, nothing_made, bad_image, wrong_latent, reference,
            internal.
        fix: What to do next: one sentence.
    """

    kind = "failed"
    message: str
    reason: str
    fix: str


Event = Queued | Started | Notice | Progress | Finished | Cancelled | Failed
TERMINAL = (Finished, Cancelled, Failed)
KINDS: dict[str, type] = {
    event.kind: event for event in (Queued, Started, Notice, Progress, Finished, Cancelled, Failed)
}


def event_from_json(line: str) -> Event | None:
    """The event on one line, or None for a half-written line, one with odd values, or a kind that is not known."""
    try:
        values = json.loads(line)
        kind = KINDS[values["kind"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    known = {part.name: part for part in fields(kind)}
    needed = {name for name, part in known.items() if part.default is part.default_factory is MISSING}
    told = {name: value for name, value in values.items() if name in known}
    if not needed <= told.keys() or not all(_fits(value, known[name].type) for name, value in told.items()):
        return None
    return kind(**told)


def _fits(value: object, kind: object) -> bool:
    """Whether a value is what a field's annotation says, so that readers need not ask again."""
    if value is None:
        return kind == float | None
    if kind is int:
        return type(value) is int and abs(value) <= MAX_INT
    if kind in (float, float | None):
        return type(value) in (int, float) and abs(value) <= MAX_INT  # nor does NaN
    if kind == dict[str, str]:
        return isinstance(value, dict) and all(isinstance(name, str) for name in value.values())
    return isinstance(value, kind)
