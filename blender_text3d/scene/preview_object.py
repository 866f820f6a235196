# SPDX-License-Identifier: GPL-3.0-or-later
"""The preview object: one mesh object per running job, refilled with every preview."""

from collections.abc import Container
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ..geometry import Mesh, PointCloud
from ..geometry.placement import CapturedPlacement, Placement, robust_placement_of
from .collection import ensure_in_scene, remove_if_empty
from .data_access import mesh_of
from .find import find_preview, find_previews
from .material import assign_color_material
from .mesh import fill_mesh
from .names import PREVIEW_JOB_ID

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
    matrix_world: tuple[tuple[float, ...], ...] = (),
    captured: tuple[float, ...] = (),
) -> bpy.types.Object | None:
    """Show the newest preview of a job in its preview object, which is created if it is missing.

    Args:
        job_id: The name of the job folder.
        name: Name of a new object.
        geometry: The preview in model space.
        size: Longest side in Blender units.
        location: Location of a new object; one that the user moved is not moved back.
        scene: Scene of a new object.
        rotation_deg: Rotation about Z, counterclockwise seen from above: 0, 90, 180 or 270.
        matrix_world: Transform of a new object that shows what will replace another one; it is drawn in front of it.
        captured: Numbers of the `CapturedPlacement` that replaces size and footprint, or none.

    Returns:
        The object, or None if the geometry has no points or the user edits the object.
    """
    points = geometry.points if isinstance(geometry, PointCloud) else geometry.vertices
    if not len(points):
        return None
    target = find_preview(job_id, name) or new_preview(job_id, name, location, matrix_world)
    if target.mode != "OBJECT":
        return None
    ensure_in_scene(target, scene)
    placement: Placement | CapturedPlacement = robust_placement_of(points, size, rotation_deg)
    if captured:
        placement = CapturedPlacement.from_values(captured, rotation_deg)
    if isinstance(geometry, Mesh):
        fill_mesh(mesh_of(target), placement.apply(points), geometry.faces, geometry.colors)
    else:
        fill_with_tetrahedra(mesh_of(target), placement.apply(points), geometry.colors, size)
    assign_color_material(mesh_of(target), geometry.colors)
    return target


def warm_up() -> None:
    """Run all steps of a preview once and remove the result, since the first run is slow."""
    points = np.zeros((MAX_POINTS, 3), np.float32)
    data = bpy.data.meshes.new("warm up")
    fill_with_tetrahedra(data, robust_placement_of(points, 1.0).apply(points), points, size=1.0)
    assign_color_material(data, points)
    bpy.data.batch_remove([data.materials[0], data])


def new_preview(
    job_id: str, name: str, location: tuple[float, float, float], matrix_world: tuple[tuple[float, ...], ...] = ()
) -> bpy.types.Object:
    """Return an empty mesh object with the job's id, in no scene yet."""
    target = bpy.data.objects.new(name, bpy.data.meshes.new(name))
    target.location = location
    if matrix_world:
        target.matrix_world = Matrix(matrix_world)
        target.show_in_front = True
    target[PREVIEW_JOB_ID] = job_id
    return target


def fill_with_tetrahedra(data: bpy.types.Mesh, points: np.ndarray, colors_srgb: np.ndarray, size: float) -> None:
    """Fill a mesh with one tetrahedron per point: Solid view shows colors of meshes, not of points.

    Args:
        data: The mesh.
        points: `(N, 3) float32` in object space; of more than MAX_POINTS, every second, third … is shown.
        colors_srgb: `(N, 3) float32` sRGB in [0, 1].
        size: Longest side of all points in Blender units.
    """
    every = -(-len(points) // MAX_POINTS)
    points, colors_srgb = points[::every], colors_srgb[::every]
    corners = (points[:, None] + TETRAHEDRON_CORNERS * np.float32(TETRAHEDRON_SIZE * size)).reshape(-1, 3)
    first_corners = np.arange(len(points), dtype=np.int32) * len(TETRAHEDRON_CORNERS)
    faces = (first_corners[:, None, None] + TETRAHEDRON_FACES).reshape(-1, 3)
    fill_mesh(data, corners, faces, np.repeat(colors_srgb, len(TETRAHEDRON_CORNERS), axis=0))


def delete_previews(keep: Container[str] = ()) -> None:
    """Remove all preview objects, except those of the jobs to keep."""
    for target in find_previews():
        if target[PREVIEW_JOB_ID] not in keep:
            remove_with_data(target)


def hide_previews() -> None:
    """Remove all preview objects before an undo or redo; the next preview creates them again.

    No undo step contains them, since a timer made them. Blender keeps data-blocks in memory that are equal in two
    steps: a collection would still point to an object that the undo has freed, and Blender would crash.
    One that other objects refer to stays, since making the reference made an undo step.
    """
    if previews := find_previews():
        user_map: Any = bpy.data.user_map
        used_by = user_map(subset=previews, value_types={"OBJECT"})
        for target in previews:
            if not used_by.get(target, set()) - {target}:
                remove_with_data(target)


def remove_with_data(target: bpy.types.Object) -> None:
    """Remove an object, its mesh and material if unused, and the collection "Text3D" if empty.

    An object in Edit Mode stays: undo steps of that mode refer to it, and undoing them would crash Blender.
    """
    if target.mode != "OBJECT":
        return
    mesh, collections = mesh_of(target), target.users_collection
    bpy.data.objects.remove(target)
    for collection in collections:
        remove_if_empty(collection)
    if mesh.users == 0:
        materials = [material for material in mesh.materials if material]
        bpy.data.batch_remove([mesh])
        bpy.data.batch_remove([material for material in materials if material.users == 0])
