# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's geometry → finished objects: the door of this folder."""

from dataclasses import dataclass
from typing import Any

import bpy

from ..geometry import Mesh, PointCloud
from .collection import ensure_in_scene
from .decimate import set_decimate
from .find import find_preview
from .material import assign_color_material
from .mesh import fill_mesh, finish_mesh
from .mesh_report import store_report
from .names import PREVIEW_JOB_ID
from .placement import SPACING, placement_of
from .point_cloud import new_cloud_object
from .preview_object import remove_with_data
from .recipe import write_recipe


@dataclass(frozen=True)
class Result:
    """What a finished job brings into a scene.

    Attributes:
        job_id: Its folder's name.
        name: Of the objects: the prompt.
        recipe: How to make it again.
        mesh, cloud: In model space; at least one.
        size: Longest side in Blender units.
        location: The middle of the mesh's footprint; the cloud stands behind it, or here if it is alone.
        rotation_deg: About the vertical, counter-clockwise seen from above: 0, 90, 180 or 270.
        max_faces: That the mesh may show, by a modifier; 0 for all.
    """

    job_id: str
    name: str
    recipe: dict[str, Any]
    mesh: Mesh | None
    cloud: PointCloud | None
    size: float
    location: tuple[float, float, float]
    rotation_deg: int = 0
    max_faces: int = 0


def import_result(result: Result, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Make the result's objects; the mesh takes over the object that showed the progress, wherever it was moved.

    Raises:
        ValueError: There is no geometry to show.
    """
    if not any(part is not None and count_points(part) for part in (result.mesh, result.cloud)):
        raise ValueError(f'"{result.name}" has no geometry. Try another seed.')
    forming = find_preview(result.job_id, result.name)
    made = []
    if result.mesh is not None and count_points(result.mesh):
        made.append(build_mesh_object(result, forming, scene))
    if result.cloud is not None and count_points(result.cloud):
        made.append(build_cloud_object(result, forming, scene, behind=bool(made)))
    if forming is not None and forming not in made:
        remove_with_data(forming)
    for target in made:
        write_recipe(target, result.job_id, result.recipe)
    return made


def count_points(geometry: Mesh | PointCloud) -> int:
    """Vertices or points."""
    return len(geometry.vertices if isinstance(geometry, Mesh) else geometry.points)


def build_mesh_object(result: Result, forming: bpy.types.Object | None, scene: bpy.types.Scene) -> bpy.types.Object:
    """The mesh object, standing."""
    target = forming or new_mesh_object(result)
    ensure_in_scene(target, scene)
    vertices = placement_of(result.mesh.vertices, result.size, result.rotation_deg).apply(result.mesh.vertices)
    fill_mesh(target.data, vertices, result.mesh.faces, result.mesh.colors)
    finish_mesh(target.data)
    assign_color_material(target.data, result.mesh.colors)
    store_report(target.data)
    set_decimate(target, result.max_faces)
    target.pop(PREVIEW_JOB_ID, None)
    return target


def new_mesh_object(result: Result) -> bpy.types.Object:
    """An empty mesh object at the result's place, in no scene yet."""
    target = bpy.data.objects.new(result.name, bpy.data.meshes.new(result.name))
    target.location = result.location
    return target


def build_cloud_object(
    result: Result, forming: bpy.types.Object | None, scene: bpy.types.Scene, *, behind: bool
) -> bpy.types.Object:
    """The cloud object, standing where the progress was shown, or behind the mesh."""
    points = placement_of(result.cloud.points, result.size, result.rotation_deg).apply(result.cloud.points)
    target = new_cloud_object(result.name, points, result.cloud.colors)
    ensure_in_scene(target, scene)
    if forming is not None:
        target.matrix_basis = forming.matrix_basis
    else:
        target.location = result.location
    if behind:
        target.location.y += result.size * SPACING
    return target
