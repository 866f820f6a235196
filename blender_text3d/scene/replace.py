# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's geometry → a new version of an object."""

import bpy

from ..geometry import Mesh, PointCloud
from .captured_placement import store_captured
from .decimate import remove_decimate, set_decimate
from .find import find_preview
from .importer import Result, count_points, fill_result_mesh
from .point_cloud import default_radius, has_native_clouds, native_cloud_data, vertex_cloud_data
from .points_nodes import points_modifier
from .preview_object import remove_with_data
from .recipe import recipe_of
from .steps import show_step, shown_step, step_count
from .version_data import Geometry, remove_unused
from .versions import VersionError, add_version, check_changeable


def kind_of(target: bpy.types.Object) -> str:
    """Return "mesh" or "cloud": what the object shows, and what can replace it."""
    if target.type == "POINTCLOUD":
        return "cloud"
    recipe = recipe_of(target) or {}
    is_cloud = recipe.get("outputs") == "cloud" or points_modifier(target) is not None
    return "cloud" if target.type == "MESH" and is_cloud else "mesh"


def replace_with_result(target: bpy.types.Object, result: Result) -> None:
    """Replace the geometry of an object by the result's and keep the old one as a version; remove the preview.

    Raises:
        VersionError: The object cannot be changed, or the result has no geometry of its type.
    """
    check_changeable(target)
    old_limit = (recipe_of(target) or {}).get("most_faces", 0)
    data = data_for(target, result)
    try:
        add_version(target, data, result.recipe, result.job_id)
    except VersionError:
        remove_unused(data)
        raise
    show_last_step(target)
    store_captured(target, result.captured)
    if isinstance(data, bpy.types.Mesh) and result.max_faces != old_limit:
        replace_decimate(target, result.max_faces)
    preview = find_preview(result.job_id, result.name)
    if preview is not None:
        remove_with_data(preview)


def show_last_step(target: bpy.types.Object) -> None:
    """Show the object itself: a step of its earlier version would hide the new one."""
    if shown_step(target) < step_count(target):
        show_step(target, step_count(target))


def data_for(target: bpy.types.Object, result: Result) -> Geometry:
    """Return new data of the object's type with the result's geometry, without materials.

    Raises:
        VersionError: The result has no such geometry, or this Blender cannot fill a point cloud.
    """
    part: Mesh | PointCloud | None = result.cloud if kind_of(target) == "cloud" else result.mesh
    if part is None or not count_points(part):
        raise VersionError(f'The result has no geometry of the type of "{target.name}".')
    if isinstance(part, Mesh):
        mesh = bpy.data.meshes.new(result.name)
        fill_result_mesh(mesh, result, part)
        return mesh
    points = result.placement(part.points).apply(part.points)
    if target.type == "MESH":
        return vertex_cloud_data(result.name, points, part.colors)
    if not has_native_clouds():
        raise VersionError(f'This Blender version cannot change the points of "{target.name}".')
    return native_cloud_data(result.name, points, part.colors, default_radius(points))


def replace_decimate(target: bpy.types.Object, max_faces: int) -> None:
    """Set another face limit than before; the same limit leaves what the user made of the modifier."""
    remove_decimate(target)
    set_decimate(target, max_faces)
