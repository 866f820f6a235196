# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished job folder → objects in a scene, one undo step."""

from typing import Any

import bpy

from ...client.import_claim import claim_import, mark_imported, release_import
from ...protocol.errors import InvalidJob
from ...protocol.events import Event, Finished, Started
from ...protocol.failures import Reason
from ...protocol.job_folder import JobFolder
from ...protocol.request import Request
from ..state.problem import Problem
from ..state.session_state import ImportTarget, state
from . import solid_view

_selected_last: set[str] = set()


def import_job(folder: JobFolder, target: ImportTarget) -> list[bpy.types.Object]:
    """Bring in what a finished job made, and remember that it was.

    Raises:
        InvalidJob: The folder holds no finished job that can be read.
        ValueError, OSError: Its geometry cannot be read.
    """
    from ...scene.importer import Result, import_result
    from ...scene.placement import units_per_meter

    request, events = folder.read_request(), folder.events()
    files = result_files(folder, events)
    scene = bpy.data.scenes.get(target.scene_name) or bpy.context.scene
    result = Result(
        job_id=folder.job_id,
        name=request.prompt,
        recipe=recipe(folder, request, events),
        mesh=geometry(folder, files.get("mesh")),
        cloud=geometry(folder, files.get("cloud")),
        size=request.size_m * units_per_meter(scene),
        location=target.location,
        rotation_deg=request.rotation_deg,
        max_faces=request.max_faces,
    )
    made = import_result(result, scene)
    mark_imported(folder)
    warn_weights_changed(result.recipe, target)
    return made


def result_files(folder: JobFolder, events: list[Event]) -> dict[str, str]:
    """What a finished job says it made, name to file."""
    if events and isinstance(events[-1], Finished):
        return events[-1].files
    raise InvalidJob(f"Job {folder.job_id} is not finished, so there is nothing to import yet.")


def geometry(folder: JobFolder, file_name: str | None):
    """The arrays in one file of a job, None without a file.

    Raises:
        InvalidJob: The file's name leads out of the folder.
        ValueError, OSError: It cannot be read.
    """
    from ...geometry import load_geometry

    return load_geometry(folder.own_file(file_name)) if file_name else None


def recipe(folder: JobFolder, request: Request, events: list[Event]) -> dict[str, Any]:
    """All that is needed to make the object again, and to know whether it will be the same."""
    started = next((event for event in events if isinstance(event, Started)), None)
    facts = ("weights_sha256", "engine_version", "torch_version", "device", "device_name")
    asked = {name: value for name, value in request.to_values().items() if name not in {"device", "viewer"}}
    own = {name: str(folder.own_file(asked[name])) for name in ("image", "latent") if asked[name]}
    return {**asked, **own, **{name: getattr(started, name, "") for name in facts}, "job_id": folder.job_id}


def warn_weights_changed(recipe: dict[str, Any], target: ImportTarget) -> None:
    """Tell the user where an object made again may differ from the first."""
    if target.expected_sha256 and target.expected_sha256 != recipe["weights_sha256"]:
        state.notice("The model weights have changed since the object was generated, so the result may differ.")


def import_object(folder: JobFolder, target: ImportTarget, *, again: bool = False) -> list[bpy.types.Object]:
    """import_job as the timer and the operators do it: once, select, one undo step, errors on the panel.

    Args:
        folder: The finished job.
        target: Where its object goes.
        again: Whether it may stand in a scene already.
    """
    if not again and not claim_import(folder):
        remove_preview(folder.job_id)
        state.notice(f"The object of {folder.job_id} was already imported.")
        return []
    try:
        made = import_job(folder, target)
    except (InvalidJob, ValueError, OSError) as error:
        release_import(folder)
        remove_preview(folder.job_id)
        state.problem = Problem(
            f"The object could not be imported: {error}", reason=Reason.BROKEN_JOB, job_path=folder.path
        )
        return []
    select_unless_user_selected(made)
    solid_view.show_colors()
    push_undo(f"Text3D: {made[0].name}")
    return made


def select_unless_user_selected(made: list[bpy.types.Object]) -> None:
    """Select new objects, unless the user has selected something since the last ones."""
    view_layer = bpy.context.view_layer
    view_layer.update()  # new objects are not in it before
    selected = {target.name for target in view_layer.objects if target.select_get()} - {item.name for item in made}
    mine = [target for target in made if target.name in view_layer.objects]
    if not mine or (selected and selected != _selected_last):
        return
    for target in view_layer.objects:
        target.select_set(target in mine)
    view_layer.objects.active = mine[0]
    _selected_last.clear()
    _selected_last.update(target.name for target in mine)


def push_undo(message: str) -> None:
    """One undo step; a timer has no window in its context, and undo needs one."""
    windows = bpy.context.window_manager.windows
    with bpy.context.temp_override(window=windows[0]) if windows else bpy.context.temp_override():
        bpy.ops.ed.undo_push(message=message)


def remove_preview(job_id: str) -> None:
    """Take away the object that showed the progress of a job without a result."""
    from ...scene.find import find_previews
    from ...scene.names import PREVIEW_JOB_ID
    from ...scene.preview_object import remove_with_data

    for target in find_previews():
        if target[PREVIEW_JOB_ID] == job_id:
            remove_with_data(target)


def reason_to_wait() -> str:
    """Why an object must not appear just now; "" where it may.

    In another mode undo steps cover the edited mesh alone, so the new object would be lost with the first undo; while
    Blender renders or an object is being moved, its data must not change under it.
    """
    windows = bpy.context.window_manager.windows
    actives = [window.view_layer.objects.active for window in windows]
    if any(active is not None and active.mode != "OBJECT" for active in actives):
        return "waiting for Object Mode"
    if bpy.app.is_job_running("RENDER"):
        return "waiting for the render"
    modal = (operator.bl_idname for window in windows for operator in getattr(window, "modal_operators", ()))
    if any(name.startswith("TRANSFORM_OT") for name in modal):
        return "waiting for the transform"
    return ""
