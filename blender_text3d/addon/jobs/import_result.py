# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished job folder → objects in a scene, one undo step."""

from typing import TYPE_CHECKING, Any

import bpy

from ...client.import_claim import claim_import, mark_imported, release_import
from ...protocol.caption import result_name
from ...protocol.earlier_weights import changed_weights_notice, weights_of
from ...protocol.errors import InvalidJob
from ...protocol.events import Event, Finished, Made
from ...protocol.failures import Reason
from ...protocol.job_folder import JobFolder
from ...protocol.job_recipe import job_recipe
from ...protocol.request import SCENE_SETTINGS, Request
from .. import redraw
from ..settings.material_words import ALWAYS, AUTO, SMALL_MODELS
from ..state.active_job import ImportTarget, Selection
from ..state.problem import Problem
from ..state.session_state import state
from . import solid_view
from .finished_views import take_views
from .free_location import target_scene
from .replacement import place_result
from .selection import select_new

if TYPE_CHECKING:
    from ...scene.importer import Result


def import_job(folder: JobFolder, target: ImportTarget) -> list[bpy.types.Object]:
    """Create the objects of a finished job, and mark it as imported.

    Raises:
        InvalidJob: The folder has no valid finished job.
        ValueError, OSError: Its geometry cannot be read.
    """
    from ...scene.placement import units_per_meter

    scene = target_scene(target)
    settings = getattr(scene, "text3d", None)  # missing in scripts that do not register the add-on
    words = settings.material_words if settings else AUTO
    result = result_of(folder, units_per_meter(scene), target.location, target.captured, words)
    made = place_result(result, target.replaced, scene)
    mark_imported(folder)
    warn_weights_changed(result.recipe, target)
    return made


def result_of(
    folder: JobFolder,
    units_per_m: float,
    location: tuple[float, float, float],
    captured: tuple[float, ...] = (),
    material_words: str = AUTO,
) -> "Result":
    """Return the result of a finished job.

    Args:
        folder: The job.
        units_per_m: Blender units in one meter.
        location, captured: As in `Result`.
        material_words: For which models the prompt sets the material, of `settings.material_words`.

    Raises:
        InvalidJob: The folder has no valid finished job.
        ValueError, OSError: Its geometry cannot be read.
    """
    from ...scene.importer import Result

    request, events = folder.read_request(), folder.events()
    files = result_files(folder, events)
    return Result(
        job_id=folder.job_id,
        name=result_name(request, events),
        recipe=recipe(folder, request, events),
        mesh=geometry(folder, files.get("mesh")),
        cloud=geometry(folder, files.get("cloud")),
        size=request.size_m * units_per_m,
        location=location,
        captured=captured,
        look=look_by_prompt(request, material_words),
        **{name: getattr(request, name) for name in SCENE_SETTINGS},
    )


def look_by_prompt(request: Request, material_words: str) -> tuple[float, ...]:
    """Return the look of the material by the words of the prompt, as far as the prompt made the object; else ()."""
    from ...prompts.materials import material_look

    is_on = material_words == ALWAYS or (material_words == AUTO and request.model.startswith(SMALL_MODELS))
    is_by_prompt = not request.image and (not request.object or request.vary > 0)
    return tuple(material_look(request.prompt) or ()) if is_on and is_by_prompt else ()


def result_files(folder: JobFolder, events: list[Event]) -> dict[str, str]:
    """Return the result files of a job by name: those that Blender imports, or all once they are written.

    Raises:
        InvalidJob: The object is not made yet.
    """
    for event in reversed(events):
        if isinstance(event, Made | Finished):
            return event.files
    raise InvalidJob(f"Job {folder.job_id} is not finished, so there is nothing to import yet.")


def geometry(folder: JobFolder, file_name: str | None):
    """Return the geometry in a file of the job, or None without a file name.

    Raises:
        InvalidJob: The file is outside of the folder.
        ValueError, OSError: It cannot be read.
    """
    from ...geometry import load_geometry

    return load_geometry(folder.own_file(file_name)) if file_name else None


def recipe(folder: JobFolder, request: Request, events: list[Event]) -> dict[str, Any]:
    """Return all settings to generate the object again, and what the result depends on besides them."""
    made = job_recipe(folder.job_id, request, events)
    return made | {name: str(folder.own_file(made[name])) for name in ("image", "latent", "object") if made[name]}


def warn_weights_changed(recipe: dict[str, Any], target: ImportTarget) -> None:
    """Notify the user if a regenerated object may differ from the first."""
    if target.expected_weights and (notice := changed_weights_notice(target.expected_weights, weights_of(recipe))):
        state.notice(notice, recipe["job_id"])


def import_object(
    folder: JobFolder,
    target: ImportTarget,
    *,
    again: bool = False,
    selection: Selection | None = None,
    has_undo_step: bool = True,
) -> list[bpy.types.Object]:
    """Import a finished job once, select its objects and push one undo step. Errors go to the panel.

    Args:
        folder: The finished job.
        target: Scene and location of its objects.
        again: True to import it even if it was imported before.
        selection: The selection that the new objects replace; if the user has made another one, that is kept. None
            selects them in any case.
        has_undo_step: False for an operator, whose undo step Blender pushes.
    """
    if take_views(folder):
        return []
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
    state.results[folder.job_id] = made[0].name
    tell_images(folder, made[0])
    select_new(made, selection)
    solid_view.show_colors()
    if has_undo_step and not target.is_on_sheet:
        push_undo(f"Text3D: {made[0].name}")
    return made


def tell_images(folder: JobFolder, made: bpy.types.Object) -> None:
    """Tell where the images around an object are, if its job makes any; they may be written after its import."""
    from ...scene.recipe import recipe_of

    if (recipe_of(made) or {}).get("views"):
        state.notice(f"The images around {made.name} are in {folder.view_images}.", folder.job_id)


def push_undo(message: str) -> None:
    """Push one undo step. It needs a window, which a timer does not have in its context."""
    windows = redraw.windows()
    with bpy.context.temp_override(window=windows[0]) if windows else bpy.context.temp_override():
        bpy.ops.ed.undo_push(message=message)


def remove_preview(job_id: str) -> None:
    """Remove the preview object of a job without a result."""
    from ...scene.find import find_previews
    from ...scene.names import PREVIEW_JOB_ID
    from ...scene.preview_object import remove_with_data

    for target in find_previews():
        if target[PREVIEW_JOB_ID] == job_id:
            remove_with_data(target)


def reason_to_wait() -> str:
    """Return why no object can be imported now, or "".

    Undo steps of other modes contain the edited mesh only, so an undo would remove the new object. While Blender
    renders or moves an object, data must not change.
    """
    windows = redraw.windows()
    actives = [window.view_layer.objects.active for window in windows]
    if any(active is not None and active.mode != "OBJECT" for active in actives):
        return "waiting for Object Mode"
    is_job_running: Any = bpy.app.is_job_running
    if is_job_running("RENDER"):
        return "waiting for the render"
    modal = (operator.bl_idname for window in windows for operator in getattr(window, "modal_operators", ()))
    if any(name.startswith("TRANSFORM_OT") for name in modal):
        return "waiting for the transform"
    return ""
