# SPDX-License-Identifier: GPL-3.0-or-later
"""The object as it forms: one mesh object per running job, refilled with every preview."""

from collections.abc import Container

import bpy
import numpy as np

from ..geometry import Mesh, PointCloud
from .collection import ensure_in_scene, remove_if_empty
from .find import find_preview, find_previews
from .material import assign_color_material
from .mesh import fill_mesh
from .names import PREVIEW_JOB_ID
from .placement import robust_placement_of

MAX_POINTS = 4096
TETRAHEDRON_CORNERS = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], np.float32)
TETRAHEDRON_FACES = np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]], np.int32)
TETRAHEDRON_SIZE = 0.008


def show_preview(
    job_id: str,
    name: str,
    geometry: PointCloud | Mesh,
    *,
    size: float,
    location: tuple[float, float, float],
    scene: bpy.types.Scene,
    rotation_deg: int = 0,
) -> bpy.types.Object | None:
    """Show the newest state of a job, in the object that shows it already or in a new one.

    Args:
        name: Of the object, where it has to be made.
        geometry: In model space.
        size: Longest side in Blender units.
        location: Where a new object stands; one that the user moved stays.
        rotation_deg: About the vertical, counter-clockwise seen from above: 0, 90, 180 or 270.

    Returns:
        The object; None for geometry without points, or while the user edits the object.
    """
    points = geometry.points if isinstance(geometry, PointCloud) else geometry.vertices
    if not len(points):
        return None
    target = find_preview(job_id, name) or new_preview(job_id, name, location)
    if target.mode != "OBJECT":
        return None
    ensure_in_scene(target, scene)
    stand = robust_placement_of(points, size, rotation_deg)
    if isinstance(geometry, Mesh):
        fill_mesh(target.data, stand.apply(points), geometry.faces, geometry.colors)
    else:
        fill_with_tetrahedra(target.data, stand.apply(points), geometry.colors, size)
    assign_color_material(target.data, geometry.colors)
    return target


def warm_up() -> None:
    """Do all that a preview does to a mesh, and leave nothing behind."""
    points = np.zeros((MAX_POINTS, 3), np.float32)
    data = bpy.data.meshes.new("rehearsal")
    fill_with_tetrahedra(data, robust_placement_of(points, 1.0).apply(points), points, size=1.0)
    assign_color_material(data, points)
    bpy.data.batch_remove([data.materials[0], data])


def new_preview(job_id: str, name: str, location: tuple[float, float, float]) -> bpy.types.Object:
    """An empty mesh object that says whose progress it shows."""
    target = bpy.data.objects.new(name, bpy.data.meshes.new(name))
    target.location = location
    target[PREVIEW_JOB_ID] = job_id
    return target


def fill_with_tetrahedra(data: bpy.types.Mesh, points: np.ndarray, colors_srgb: np.ndarray, size: float) -> None:
    """Each point as a small solid: Solid view shows the colours of a mesh, not those of points.

    Args:
        points: (N, 3) float32 in the object's space; of more than MAX_POINTS, evenly chosen ones are shown.
        colors_srgb: (N, 3) float32 sRGB in [0, 1].
        size: Longest side of the whole in Blender units.
    """
    every = -(-len(points) // MAX_POINTS)
    points, colors_srgb = points[::every], colors_srgb[::every]
    corners = (points[:, None] + TETRAHEDRON_CORNERS * np.float32(TETRAHEDRON_SIZE * size)).reshape(-1, 3)
    first_corners = np.arange(len(points), dtype=np.int32) * len(TETRAHEDRON_CORNERS)
    faces = (first_corners[:, None, None] + TETRAHEDRON_FACES).reshape(-1, 3)
    fill_mesh(data, corners, faces, np.repeat(colors_srgb, len(TETRAHEDRON_CORNERS), axis=0))


def delete_previews(keep: Container[str] = ()) -> None:
    """Take away the objects that show progress, but for those of the jobs to keep."""
    for target in find_previews():
        if target[PREVIEW_JOB_ID] not in keep:
            remove_with_data(target)


def hide_previews() -> None:
    """Take away the objects that show progress before Blender undoes or redoes; the next preview brings them back.

    No undo step knows of them, for a timer made them. Blender keeps the data-blocks that two steps have alike as they
    are in memory: a collection would go on pointing to an object that undoing has freed, and Blender would crash.
    One that other objects refer to stays: whoever made the reference made an undo step.
    """
    if there := find_previews():
        used_by = bpy.data.user_map(subset=there, value_types={"OBJECT"})
        for target in there:
            if not used_by.get(target, set()) - {target}:
                remove_with_data(target)


def remove_with_data(target: bpy.types.Object) -> None:
    """Remove an object, its mesh and its colour material where nobody else uses them, and our collection if empty.

    One that the user edits stays: the steps of Edit Mode refer to it, and undoing them would crash Blender.
    """
    if target.mode != "OBJECT":
        return
    data, collections = target.data, target.users_collection
    bpy.data.objects.remove(target)
    for collection in collections:
        remove_if_empty(collection)
    if data.users == 0:
        materials = [material for material in data.materials if material]
        bpy.data.batch_remove([data])
        bpy.data.batch_remove([material for material in materials if material.users == 0])
