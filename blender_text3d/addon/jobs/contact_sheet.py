# SPDX-License-Identifier: GPL-3.0-or-later
"""The open contact sheet: its jobs, and the objects that are shown, replaced and finally kept."""

import random
from dataclasses import replace
from typing import Any, cast

import bpy

from ...protocol.job_folder import JobFolder
from ...protocol.request import SEEDS, Request, make_requests
from ..settings.choices import choices
from ..state.active_job import ActiveJob
from ..state.contact_sheet import Cell, ContactSheet, Mark, Vector3, cell_locations, column_count, grid_axes
from ..state.prompt_history import remember
from ..state.session_state import state
from ..state.variation import variation_changes
from . import panel_request, submit
from .free_location import free_locations, xyz
from .import_result import push_undo
from .selection import select_only

sheet: ContactSheet | None = None


def open_sheet(scene: bpy.types.Scene, count: int, view: bpy.types.RegionView3D | None = None) -> list[ActiveJob]:
    """Queue a sheet of results with the panel's settings, and make it the open one.

    It is at the 3D cursor, or to the right of it where nothing is in its way.

    Args:
        scene: Scene of the objects.
        count: Number of results.
        view: The view that the grid faces; None for the front.

    Raises:
        SubmitError: No job was queued.
    """
    global sheet
    from ...scene.placement import units_per_meter

    settings = panel_request.settings_of(scene)
    with panel_request.submit_errors(settings):
        requests = make_requests(**(panel_request.request_kwargs(settings) | {"count": count}))
    size = requests[0].size_m * units_per_meter(scene)
    cursor, (right, up) = xyz(scene.cursor.location), grid_axes(*view_axes(view))
    wanted = [*cell_locations(count, cursor, size, right, up), cursor]
    *locations, center = free_locations(wanted, size, right, scene)
    jobs = submit.submit(requests, scene, sheet_locations=locations)
    settings.seed = requests[0].seed
    if not requests[0].image:
        remember(choices().jobs_dir.parent, requests[0].prompt)
    cells = [
        Cell(location, job.folder.job_id, telling_seed(job.request))
        for location, job in zip(locations, jobs, strict=True)
    ]
    sheet = ContactSheet(cells, column_count(count), size, scene.name, center, right)
    return jobs


def telling_seed(request: Request) -> int:
    """Return the seed that tells a result from the others of the sheet."""
    return request.variation_seed if request.variation_strength else request.seed


def view_axes(view: bpy.types.RegionView3D | None) -> Any:
    """Return the view's axes to the right, up and to the viewer in world space."""
    if view is None:
        return (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, -1.0, 0.0)
    rotation = view.view_rotation.to_matrix()
    return tuple(xyz(rotation.col[axis]) for axis in range(3))


def objects_of_sheet(job_ids: set[str]) -> list[bpy.types.Object]:
    """Return the objects of these jobs in the sheet's scene."""
    from ...scene.find import objects_of_job

    scene = bpy.data.scenes.get(sheet.scene_name) if sheet else None
    found = [target for job_id in job_ids for target in objects_of_job(job_id)]
    return [target for target in found if scene is not None and target.name in scene.objects]


def all_job_ids() -> set[str]:
    """Return the jobs of all cells."""
    return {cell.job_id for cell in sheet.cells} if sheet else set()


def update_visibility() -> None:
    """Show the objects that the sheet shows now, and hide its others."""
    if sheet is None:
        return
    shown = set(objects_of_sheet(sheet.shown_job_ids()))
    layer = cast(bpy.types.ViewLayer, bpy.context.view_layer)
    for target in objects_of_sheet(all_job_ids()):
        if target.name in layer.objects:
            target.hide_set(target not in shown)


def roll_rejected(scene: bpy.types.Scene) -> list[ActiveJob]:
    """Queue each rejected cell again with a new seed, in the same place. The old objects are removed.

    Raises:
        SubmitError: No job was queued; nothing is removed.
    """
    assert sheet is not None
    cells = [cell for cell in sheet.rejected() if cell.job_id not in state.jobs]
    requests = [replace(asked, seed=random.randrange(SEEDS)) for cell in cells if (asked := request_of(cell))]
    return fill(cells, requests, scene) if len(requests) == len(cells) else []


def vary_current(scene: bpy.types.Scene, strength: float) -> list[ActiveJob]:
    """Queue variations of the current cell's object for all other cells that are not kept.

    Args:
        scene: Scene of the objects.
        strength: Share of the other noise, 0 to 1.

    Raises:
        SubmitError: No job was queued; nothing is removed.
    """
    assert sheet is not None
    current = sheet.cells[sheet.current]
    others = [cell for cell in sheet.cells if cell is not current and cell.mark != Mark.KEPT]
    cells, asked = [cell for cell in others if cell.job_id not in state.jobs], request_of(current)
    if asked is None or not cells:
        return []
    with panel_request.submit_errors():
        first = replace(asked, **variation_changes(asked.to_values(), strength))
    seeds = [(first.variation_seed + index) % SEEDS for index in range(len(cells))]
    return fill(cells, [replace(first, variation_seed=seed) for seed in seeds], scene)


def fill(cells: list[Cell], requests: list[Request], scene: bpy.types.Scene) -> list[ActiveJob]:
    """Queue a new job for each of these cells, and remove their old objects.

    Raises:
        SubmitError: No job was queued; nothing is removed.
    """
    assert sheet is not None
    if not cells:
        return []
    jobs = submit.submit(requests, scene, sheet_locations=[cell.location for cell in cells])
    remove_objects(objects_of_sheet({cell.job_id for cell in cells}))
    for cell, job in zip(cells, jobs, strict=True):
        sheet.replace(cell, job.folder.job_id, telling_seed(job.request))
    return jobs


def request_of(cell: Cell) -> Request | None:
    """Return the request of a cell's job, or None if its folder is gone."""
    from ...protocol.errors import InvalidJob

    folder = JobFolder(choices().jobs_dir / cell.job_id)
    try:
        asked = folder.read_request()
    except InvalidJob:
        return None
    return replace(asked, image=str(folder.own_file(asked.image)) if asked.image else "")


def close_sheet() -> None:
    """End the sheet: the objects that were not kept are removed, which one undo takes back. Running jobs go on."""
    global sheet
    if sheet is None:
        return
    sheet.is_comparing = False
    removed = objects_of_sheet(all_job_ids() - sheet.kept_job_ids())
    for target in objects_of_sheet(all_job_ids()):
        if target.name in cast(bpy.types.ViewLayer, bpy.context.view_layer).objects:
            target.hide_set(False)
    release_jobs()
    push_undo("Text3D: Contact Sheet")
    if removed:
        remove_objects(removed)
        place_kept()
        push_undo("Text3D: Keep from Contact Sheet")
    sheet = None


def place_kept() -> None:
    """Move the kept objects, and those that are not done yet, to a row on the ground, and select the kept ones."""
    assert sheet is not None
    cells = {cell.job_id: cell for cell in sheet.cells}
    kept = []
    for job_id, location in free_row().items():
        if (job := state.jobs.get(job_id)) and job.target:
            job.target = replace(job.target, location=location)
        moved = [new - old for new, old in zip(location, cells[job_id].location, strict=True)]
        for target in objects_of_sheet({job_id}):
            target.location = [value + by for value, by in zip(xyz(target.location), moved, strict=True)]
            kept.append(target)
    layer = cast(bpy.types.ViewLayer, bpy.context.view_layer)
    layer.update()  # forgets the removed objects, which would be listed as None
    if visible := [target for target in kept if target.name in layer.objects]:
        select_only(layer, visible)


def free_row() -> dict[str, Vector3]:
    """Return the places, by job, of the kept objects and of those that are not done yet."""
    assert sheet is not None
    row = sheet.row_locations(sheet.kept_job_ids() | (all_job_ids() & state.jobs.keys()))
    scene = bpy.data.scenes.get(sheet.scene_name)
    if scene is None:
        return row
    places = free_locations([*row.values()], sheet.size, sheet.right, scene, moved_jobs=row)
    return dict(zip(row, places, strict=True))


def release_jobs() -> None:
    """Give the jobs that are not done yet an undo step of their own."""
    for job_id in all_job_ids():
        job = state.jobs.get(job_id)
        if job and job.target:
            job.target = replace(job.target, is_on_sheet=False)


def remove_objects(targets: list[bpy.types.Object]) -> None:
    """Remove objects with the data that only they use."""
    data = [target.data for target in targets]
    bpy.data.batch_remove(targets)
    unused = [each for each in data if each is not None and each.users == 0]
    materials = {material for each in unused for material in cast(Any, each).materials if material}
    bpy.data.batch_remove(unused)
    bpy.data.batch_remove([material for material in materials if material.users == 0])
