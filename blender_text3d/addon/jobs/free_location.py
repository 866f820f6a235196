# SPDX-License-Identifier: GPL-3.0-or-later
"""The slots of a row that starts at the 3D cursor, and the first one that is free for a new object."""

import math
from collections.abc import Container, Sequence
from typing import Any, cast

import bpy

from ...protocol.request import Request
from ..state.active_job import ImportTarget
from ..state.contact_sheet import cell_locations
from ..state.session_state import state

Location = tuple[float, float, float]

RIGHT, BACK = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
STEPS_PER_SIZE = 2
MAX_STEPS = 200
"""A hundred objects beside each other; a sheet that finds no place within them stays at the 3D cursor."""
CLEARANCE = 1.1
"""Room for each object of a sheet, relative to its size."""
MAX_SLOTS = 10_000
SIMILAR = 0.05
"""Share of its size by which an object may be larger or smaller than one of the same size."""
MAX_SLOTS_SKIPPED = 5  # per occluder: one is at most four sizes wide, and a slot is one and a quarter


def first_free_slot(request: Request, scene: bpy.types.Scene) -> int:
    """Return the first slot in which no generated object is, or is about to be.

    If something would hide an object at the cursor, as the default cube does, slots inside of it are skipped.
    """
    from ...scene.overlap import overlaps
    from ...scene.placement import units_per_meter

    size = request.size_m * units_per_meter(scene)
    taken, hiding = taken_places(scene), occluders(scene, size)
    columns = row_length(taken, size)
    count = 1 + sum(1 + math.ceil((size + other) / size) for _, other in taken) + MAX_SLOTS_SKIPPED * len(hiding)
    for slot in range(min(count, MAX_SLOTS)):
        location = slot_location(slot, request.size_m, scene, rows=rows_of(request), columns=columns)
        is_free = all(math.dist(location, place) > needed_distance(size, other) for place, other in taken)
        if is_free and not any(overlaps(item, location, size) for item in hiding):
            return slot
    return 0


def free_locations(
    locations: list[Location], size: float, right: Location, scene: bpy.types.Scene, *, moved_jobs: Container[str] = ()
) -> list[Location]:
    """Return the locations, moved together to the right until no object of the scene or of a job is in their way.

    Args:
        locations: Centers of the footprints of new objects, in Blender units.
        size: Longest side of each of them in Blender units.
        right: Unit vector of the direction.
        scene: Their scene.
        moved_jobs: Jobs whose own objects are moved there.
    """
    from ...scene.overlap import free_steps

    step: Any = tuple(axis * size / STEPS_PER_SIZE for axis in right)
    boxes = occupied_boxes(scene, size, moved_jobs)
    count = free_steps(boxes, locations, size * CLEARANCE, step, MAX_STEPS)
    return [(x + count * step[0], y + count * step[1], z + count * step[2]) for x, y, z in locations]


def grid_locations(requests: Sequence[Request], columns: int, scene: bpy.types.Scene) -> list[Location]:
    """Return places on the ground for objects on a grid at the 3D cursor, the row farthest away first.

    It is as wide as the largest object needs, and to the right of the cursor if something is in the way.
    """
    from ...scene.placement import units_per_meter

    size = max(request.size_m for request in requests) * units_per_meter(scene)
    wanted = cell_locations(len(requests), xyz(scene.cursor.location), size, RIGHT, BACK, columns=columns)
    return free_locations(wanted, size, RIGHT, scene)


def occupied_boxes(scene: bpy.types.Scene, size: float, moved_jobs: Container[str]) -> list[Any]:
    """Return the bounding boxes of generated objects, of those that jobs will make, and of the user's obstacles."""
    from ...scene.data_access import custom_property
    from ...scene.names import JOB_ID, PREVIEW_JOB_ID
    from ...scene.overlap import bounds, box_at, is_obstacle
    from ...scene.placement import units_per_meter

    boxes = [
        box_at(job.target.location, job.request.size_m * units_per_meter(scene))
        for job_id, job in state.jobs.items()
        if job.target and job.target.scene_name == scene.name and job_id not in moved_jobs
    ]
    for item in scene.objects:
        job_id = custom_property(item, JOB_ID)
        is_ours = job_id is not None or custom_property(item, PREVIEW_JOB_ID) is not None
        if (job_id is not None and job_id not in moved_jobs) or (not is_ours and is_obstacle(item, size)):
            boxes.append(bounds(item))
    return boxes


def occluder_name(request: Request, scene: bpy.types.Scene) -> str:
    """Return the name of the object that would hide a new one at the 3D cursor, or ""."""
    from ...scene.placement import units_per_meter

    hiding = occluders(scene, request.size_m * units_per_meter(scene))
    return hiding[0].name if hiding else ""


def taken_places(scene: bpy.types.Scene) -> list[tuple[Location, float]]:
    """Return where generated objects are and their longest sides, and those of what active jobs make."""
    from ...scene.data_access import custom_property
    from ...scene.names import JOB_ID
    from ...scene.placement import units_per_meter

    generated = [item for item in scene.objects if custom_property(item, JOB_ID) is not None]
    jobs = [(job.target, job.request) for job in state.jobs.values()]
    units = units_per_meter(scene)
    return [(xyz(item.location), max(xyz(item.dimensions))) for item in generated] + [
        (target.location, request.size_m * units)
        for target, request in jobs
        if target and target.scene_name == scene.name
    ]


def occluders(scene: bpy.types.Scene, size: float) -> list[bpy.types.Object]:
    """Return the user's own objects that would hide a new one at the 3D cursor.

    Args:
        scene: The scene of the new object.
        size: Its longest side in Blender units.
    """
    from ...scene.data_access import custom_property
    from ...scene.names import JOB_ID, PREVIEW_JOB_ID
    from ...scene.overlap import encloses

    location = xyz(scene.cursor.location)
    others = [
        item
        for item in scene.objects
        if custom_property(item, JOB_ID) is None and custom_property(item, PREVIEW_JOB_ID) is None
    ]
    return [item for item in others if encloses(item, location, size)]


def needed_distance(size: float, other: float) -> float:
    """Return how far an object must be from another one, given their longest sides.

    One of about the same size may be nearer: whoever moves the 3D cursor a little wants the object there.
    """
    return 0.5 * (size if abs(other - size) <= SIMILAR * size else size + other)


def columns_of(request: Request, scene: bpy.types.Scene) -> int:
    """Return the number of slots in a row: more if there are larger objects, so that a new one stands beside them."""
    from ...scene.placement import units_per_meter

    return row_length(taken_places(scene), request.size_m * units_per_meter(scene))


def row_length(taken: Sequence[tuple[Location, float]], size: float) -> int:
    """Return the number of slots in a row for objects of a size, given the places and sizes of the others."""
    from ...scene.placement import COLUMNS, SPACING

    largest = max((other for _, other in taken), default=size)
    return COLUMNS if largest <= size * (1 + SIMILAR) else COLUMNS + math.ceil((largest - size) / (SPACING * size))


def slot_location(
    slot: int, size_m: float, scene: bpy.types.Scene, *, rows: int, columns: int = 10
) -> tuple[float, float, float]:
    """Return the location of a slot; slot 0 is at the 3D cursor.

    Args:
        slot: Index in the row.
        size_m: Longest side of the object in meters.
        scene: The scene with the cursor.
        rows: Objects behind each other in one slot.
        columns: Slots in a row, see `columns_of`.
    """
    from ...scene.placement import cell_offset, units_per_meter

    dx, dy, dz = cell_offset(slot, size_m * units_per_meter(scene), rows, columns)
    x, y, z = xyz(scene.cursor.location)
    return x + dx, y + dy, z + dz


def rows_of(request: Request) -> int:
    """Return the number of objects that one result puts behind each other."""
    return 2 if request.outputs == "both" else 1


def target_scene(target: ImportTarget) -> bpy.types.Scene:
    """Return the scene of an import target, or the current one if it was removed."""
    return bpy.data.scenes.get(target.scene_name) or cast(bpy.types.Scene, bpy.context.scene)


def xyz(vector: Any) -> tuple[float, float, float]:
    """Return a Blender vector as a tuple."""
    return vector[0], vector[1], vector[2]
