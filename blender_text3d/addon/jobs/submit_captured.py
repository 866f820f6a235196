# SPDX-License-Identifier: GPL-3.0-or-later
"""Captured objects in a file → jobs that copy or vary them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ...protocol.models import MODELS, OBJECT_MODEL
from ...protocol.request import Request, make_requests
from ..settings.into import REPLACE
from ..settings.properties import TEXT3D_Settings
from ..state.active_job import ActiveJob, ImportTarget
from ..state.problem import Problem, SubmitError
from . import panel_request, submit
from .encoding import Encoding
from .replacement import target_of_object

if TYPE_CHECKING:
    from ...scene.object_capture import Captured

MIN_SIZE_M, MAX_SIZE_M = 0.001, 1000.0


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
    requests = requests_for(encoding, panel_request.settings_of(scene), path, longest_m, is_version=into is not None)
    side = MODELS[requests[0].model].encoded_side
    low, high = captured.low + captured.origin, captured.high + captured.origin
    if into is not None:
        target = target_of_object(into, scene, captured=values_in_place(into, low, high, side))
        targets = [target] * len(requests)
    else:
        places = [values_beside(number, low, high, side) for number in range(1, len(requests) + 1)]
        targets = [ImportTarget(scene.name, location, captured=values) for location, values in places]
    return submit.submit(requests, scene, targets=targets)


def requests_for(
    encoding: Encoding, settings: TEXT3D_Settings, path: Path, longest_m: float, *, is_version: bool
) -> list[Request]:
    """Return the requests for captured objects in a file, with the panel's other settings.

    Raises:
        SubmitError: The settings do not fit.
    """
    shared = panel_request.shared_kwargs(settings) | panel_request.NOT_VARIED
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
    with panel_request.submit_errors():
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
