# SPDX-License-Identifier: GPL-3.0-or-later
"""The kept steps of generated objects: read from their job folders, and shown in the scene."""

import os
from contextlib import suppress
from typing import Any

import bpy

from ...client.import_claim import mark_imported
from ...client.results.delete import delete_result
from ...client.results.entry import is_own_folder
from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...protocol.models import STEPS, family
from ...system.untrusted_files import is_plain_name
from .. import redraw
from ..settings.choices import choices
from ..state.active_job import ImportTarget
from ..state.problem import Problem
from ..state.session_state import state
from .free_location import target_scene
from .import_result import geometry, push_undo, result_files
from .replacement import find_replaced

NOT_GENERATED = "not generated"
GONE = "its job folder no longer exists, and its steps with it"
NOT_KEPT = "its steps were not kept: see Keep Steps under Advanced, then Regenerate it"


class NoSteps(Exception):
    """An object has no steps to show; the message is why, as it stands in brackets after its name."""


def source_of(target: bpy.types.Object) -> JobFolder:
    """Return the job folder with the steps of an object.

    Raises:
        NoSteps: It was not generated, or its folder or its steps are gone.
    """
    from ...scene.recipe import recipe_of

    recipe: dict[str, Any] | None = recipe_of(target)
    if recipe is None:
        raise NoSteps(NOT_GENERATED)
    job_id = recipe.get("job_id")
    folder = JobFolder(choices().jobs_dir / job_id) if is_plain_name(job_id) else None  # type: ignore[operator]
    if folder is None or not is_own_folder(folder.path):
        raise NoSteps(GONE)
    if not folder.steps.is_file() or folder.steps.is_symlink():
        raise NoSteps(NOT_KEPT)
    return folder


def show_from(target: bpy.types.Object, folder: JobFolder, scene: bpy.types.Scene) -> bool:
    """Show the steps of an object from the files in its job folder; False if they have to be decoded first.

    Raises:
        NoSteps: The files are damaged.
    """
    from ...geometry.step_geometry import load_step_geometry
    from ...scene.steps import add_steps

    try:
        request = folder.read_request()
        file = folder.steps if family(request.model) == "Point-E" else folder.own_file(folder.step_meshes.name)
        if not file.exists():
            return False
        steps = load_step_geometry(file)
        add_steps(target, folder.job_id, steps, placement_in(target, folder, scene))
    except (InvalidJob, OSError, ValueError) as error:
        raise NoSteps(str(error).rstrip(".")) from error
    return True


def placement_in(target: bpy.types.Object, folder: JobFolder, scene: bpy.types.Scene) -> Any:
    """Return the placement of an object's geometry, whose rotation its recipe has.

    Raises:
        InvalidJob, OSError, ValueError: The geometry of the job cannot be read.
    """
    from ...geometry import Mesh
    from ...geometry.placement import CapturedPlacement, placement_of
    from ...scene.captured_placement import captured_of
    from ...scene.placement import units_per_meter
    from ...scene.recipe import recipe_of

    request, files = folder.read_request(), result_files(folder, folder.events())
    rotation = (recipe_of(target) or {}).get("turn_deg")
    rotation_deg = rotation if rotation in (0, 90, 180, 270) else request.rotation_deg
    if captured := captured_of(target):
        return CapturedPlacement.from_values(captured, rotation_deg)
    made = geometry(folder, files.get("mesh") or files.get("cloud"))
    if made is None:
        raise ValueError("its job has no geometry")
    points = made.vertices if isinstance(made, Mesh) else made.points
    return placement_of(points, request.size_m * units_per_meter(scene), rotation_deg)


def take_steps(folder: JobFolder, target: ImportTarget) -> bool:
    """Show the steps that a finished job has decoded, and cache them in their own job; False for other jobs."""
    try:
        if folder.read_request().outputs != STEPS:
            return False
    except InvalidJob:
        return False
    shown = find_replaced(target.replaced) if target.replaced else None
    try:
        if shown is None:
            raise NoSteps("it is no longer in the file")
        source = source_of(shown)
        os.replace(folder.step_meshes, source.step_meshes)
        show_from(shown, source, target_scene(target))
    except (NoSteps, OSError) as error:
        name = target.replaced.name if target.replaced else folder.job_id
        state.problem = Problem(f'The steps of "{name}" cannot be shown ({error}).', "Generate the object again.")
    else:
        push_undo(f"Text3D: steps of {shown.name}")
    mark_imported(folder)
    with suppress(InvalidJob):  # it is deleted with old results
        delete_result(folder)
    redraw.panels()
    return True
