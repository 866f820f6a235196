# SPDX-License-Identifier: GPL-3.0-or-later
"""Selected objects → captured in steps on a timer → jobs that copy or vary them."""

import secrets
import shutil
import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ...protocol.create_job import CAPTURES_FOLDER
from ...protocol.failures import Reason
from ...protocol.models import MODELS, OBJECT_MODEL
from ...protocol.request import Request, make_requests
from ...system.lazy_dataclass import lazy_dataclass
from ...system.run_steps import run_for
from .. import one_shot_timer, redraw, status_line
from ..settings.choices import choices
from ..settings.into import REPLACE
from ..settings.properties import TEXT3D_Settings
from ..state.active_job import ActiveJob, ImportTarget
from ..state.problem import Problem, SubmitError
from ..state.session_state import state
from . import submit
from .captured_images import file_stem
from .replacement import target_of_object

if TYPE_CHECKING:
    from ...scene.object_capture import Captured

BUDGET_S, INTERVAL_S = 0.004, 0.01
"""Time for steps in one tick, the last of which may take twice as long, and the time until the next tick."""
MIN_SIZE_M, MAX_SIZE_M = 0.001, 1000.0
LEFT_AFTER_S = 3600.0
"""Age of the files of a Blender that has crashed."""


@lazy_dataclass(frozen=True)
class Encoding:
    """The selected objects and what to make of them.

    Attributes:
        objects: Their session UIDs, that of the active one first.
        name: Name of the first one.
        scene_name: Their scene.
        into: REPLACE for a version of the object, if it can have one, or NEW.
        vary: Strength of the variation; 0 for a copy.
        prompt: The words that it follows.
        image: Path of the image that it follows instead, or "".
        results: Number of results.
    """

    objects: tuple[int, ...]
    name: str
    scene_name: str
    into: str
    vary: float = 0.0
    prompt: str = ""
    image: str = ""
    results: int = 1


class Capturing:
    """The capture that runs.

    Attributes:
        encoding: What is captured, and for what.
        steps: The rest of the work; it yields the finished share.
        share: The finished share.
        jobs: The jobs that were queued at the end.
    """

    def __init__(self, encoding: Encoding):
        self.encoding, self.share, self.jobs = encoding, 0.0, list[ActiveJob]()
        self.steps = self.work()

    def work(self) -> Generator[None, None, None]:
        """Capture the objects, write them to a file, and queue the jobs; yields between steps."""
        from ...geometry.compact_mesh import save_in_steps
        from ...scene.object_capture import capture

        folder = new_folder()
        path = folder / f"{file_stem(self.encoding.name)}.npz"
        try:
            capturing = capture(self.encoding.objects)
            while True:
                try:
                    self.share = next(capturing)
                except StopIteration as end:
                    captured = end.value
                    break
                yield
            for _ in save_in_steps(path, captured.mesh):
                yield
            self.jobs = submit_captured(self.encoding, captured, path)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


running: dict[str, Capturing] = {}
"""The capture that runs, under "capture", and the last one that has ended, under "ended"."""


def current() -> Capturing | None:
    """Return the capture that runs, or None."""
    return running.get("capture")


def ended_jobs() -> list[ActiveJob]:
    """Return the jobs that the last capture has queued."""
    return running["ended"].jobs if "ended" in running else []


def start(encoding: Encoding) -> None:
    """Start a capture on a timer; without a window, run it to its end.

    Raises:
        SubmitError: Without a window, no job was queued.
    """
    state.problem = None
    running["capture"] = Capturing(encoding)
    one_shot_timer.schedule(on_timer, INTERVAL_S)


def cancel() -> None:
    """Stop the capture that runs."""
    one_shot_timer.cancel(on_timer)
    capturing = running.pop("capture", None)
    if capturing is not None:
        capturing.steps.close()
    status_line.set_text(None)


def on_timer() -> float | None:
    """Take some steps; return the time until the next tick, or None at the end. Errors go to the panel."""
    from ...scene.evaluated_mesh import CaptureError

    capturing = running.get("capture")
    if capturing is None:
        return None
    try:
        if not run_for(capturing.steps, BUDGET_S if not bpy.app.background else float("inf")):
            status_line.set_text(f"Reading {capturing.encoding.name}: {capturing.share:.0%}")
            redraw.sidebars()
            return INTERVAL_S
    except SubmitError as error:
        state.problem = error.problem
    except CaptureError as error:
        state.problem = Problem(str(error), reason=Reason.BAD_OBJECT)
    except OSError as error:
        state.problem = Problem(f"The object could not be written to a file ({error.strerror}).", "Free some space.")
    except ReferenceError:
        state.problem = Problem("The object was changed while it was read.", "Encode it again.", Reason.BAD_OBJECT)
    except Exception:
        cancel()  # else no other capture could start
        raise
    running.pop("capture", None)
    running["ended"] = capturing
    status_line.set_text(None)
    redraw.panels()
    return None


def new_folder() -> Path:
    """Return a new folder for one file; those that a crashed Blender left are removed."""
    parent = choices().jobs_dir.parent / CAPTURES_FOLDER
    folder = parent / secrets.token_hex(8)
    folder.mkdir(parents=True)
    for other in parent.iterdir():
        if other.is_dir() and not other.is_symlink() and time.time() - other.stat().st_mtime > LEFT_AFTER_S:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def encoding_model(settings: TEXT3D_Settings, *, is_varied: bool) -> str:
    """Return the model that encodes objects for the panel's model, or "" if that is of another kind.

    A plain copy by an official Shap-E needs its encoder alone.
    """
    model = MODELS[settings.model]
    if not (model.varies_objects if is_varied else model.has_encoder):
        return ""
    return model.name if is_varied or model.name.startswith("mini/") else OBJECT_MODEL


def submit_captured(encoding: Encoding, captured: "Captured", path: Path) -> list[ActiveJob]:
    """Queue the jobs for captured objects in a file.

    Raises:
        SubmitError: No job was queued.
    """
    from ...scene.captured_placement import values_beside, values_in_place
    from ...scene.placement import units_per_meter

    scene = bpy.data.scenes.get(encoding.scene_name)
    if scene is None:
        raise SubmitError(Problem("The scene of the object was removed.", "Encode it again."))
    into = version_target(encoding)
    longest_m = float((captured.high - captured.low).max()) / units_per_meter(scene)
    requests = requests_for(encoding, submit.settings_of(scene), path, longest_m, is_version=into is not None)
    side = MODELS[requests[0].model].encoded_side
    low, high = captured.low + captured.origin, captured.high + captured.origin
    if into is not None:
        target = target_of_object(into, scene, captured=values_in_place(into, low, high, side))
        targets = [target] * len(requests)
    else:
        places = [values_beside(number, low, high, side) for number in range(1, len(requests) + 1)]
        targets = [ImportTarget(scene.name, location, captured=values) for location, values in places]
    jobs = submit.submit(requests, scene, targets=targets)
    for notice in captured.notices:
        state.notice(notice, jobs[0].folder.job_id)
    return jobs


def requests_for(
    encoding: Encoding, settings: TEXT3D_Settings, path: Path, longest_m: float, *, is_version: bool
) -> list[Request]:
    """Return the requests for captured objects in a file, with the panel's other settings.

    Raises:
        SubmitError: The settings do not fit.
    """
    shared = submit.shared_kwargs(settings) | submit.NOT_VARIED
    own: dict[str, Any] = {
        "prompt": encoding.prompt or encoding.name,
        "model": encoding_model(settings, is_varied=encoding.vary > 0),
        "object": str(path),
        "image": encoding.image,
        "vary": encoding.vary,
        "count": encoding.results,
        "size_m": min(max(longest_m, MIN_SIZE_M), MAX_SIZE_M),
    }
    if is_version:
        own |= {"outputs": "mesh", "max_faces": 0, "rotation_deg": 0}
    with submit.submit_errors():
        return make_requests(**shared | own)


def version_target(encoding: Encoding) -> bpy.types.Object | None:
    """Return the object that the results become versions of, or None for new objects."""
    if encoding.into != REPLACE or len(encoding.objects) != 1:
        return None
    found = [item for item in bpy.data.objects if item.session_uid == encoding.objects[0]]
    return found[0] if found and not reason_for_new_object(found[0]) else None


def reason_for_new_object(target: bpy.types.Object) -> str:
    """Return why a copy of an object cannot be a version of it, or ""."""
    from ...scene.captured_placement import is_invertible
    from ...scene.decimate import ratio_limit
    from ...scene.versions import reason_not_to_replace

    if target.type != "MESH":
        return f'"{target.name}" is no mesh'
    if reason := reason_not_to_replace(target):
        return reason.rstrip(".")
    if not is_invertible(target):
        return f'"{target.name}" has a scale of zero'
    own_modifiers = 1 if ratio_limit(target) is not None else 0
    if len(target.modifiers) > own_modifiers:
        return f'"{target.name}" has modifiers'
    if any(slot.link == "OBJECT" and slot.material for slot in target.material_slots):
        return f'"{target.name}" has materials of its own'
    return f'"{target.name}" shows instances' if target.instance_type != "NONE" else ""
