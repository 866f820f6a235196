# SPDX-License-Identifier: GPL-3.0-or-later
"""ActiveJob: one job of this session, and the place of its result. Plain values; no bpy."""

import time
from dataclasses import field

from ...protocol.caption import result_name
from ...protocol.events import share_done
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from ...system.lazy_dataclass import lazy_dataclass
from .problem import Problem


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
        expected_weights: `weights_of` the first object, for Regenerate; () for a new object.
        is_on_sheet: True on an open contact sheet, whose end makes the undo step.
        replaced: The object that the result becomes a version of, or None for a new object.
        captured: Numbers of the placement of a captured object, see `scene.captured_placement`; none for others.
    """

    scene_name: str
    location: tuple[float, float, float]
    expected_weights: tuple[str, ...] = ()
    is_on_sheet: bool = False
    replaced: ReplacedObject | None = None
    captured: tuple[float, ...] = ()


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
