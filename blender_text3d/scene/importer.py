# SPDX-License-Identifier: GPL-3.0-or-later
"""A job's geometry → finished objects: the entry point of this folder."""

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ..geometry import Mesh, PointCloud
from ..geometry.placement import CapturedPlacement, Placement, placement_of
from .captured_placement import store_captured
from .collection import ensure_in_scene
from .data_access import mesh_of
from .decimate import set_decimate
from .find import find_preview
from .material import assign_color_material
from .material_look import set_look, store_look
from .mesh import fill_mesh, finish_mesh
from .mesh_report import store_report
from .names import PREVIEW_JOB_ID
from .object_id import object_id
from .placement import SPACING
from .point_cloud import new_cloud_object
from .preview_object import remove_with_data
from .recipe import write_recipe


@dataclass(frozen=True)
class Result:
    """The result of a finished job, and where its objects go.

    Attributes:
        job_id: The name of the job folder.
        name: Name of the objects: the prompt.
        recipe: All settings needed to generate it again.
        mesh, cloud: Geometry in model space; at least one is given.
        size: Longest side in Blender units.
        location: Center of the mesh's footprint; the cloud is behind it, or here if there is no mesh.
        rotation_deg: Rotation about Z, counterclockwise seen from above: 0, 90, 180 or 270.
        max_faces: Face limit of the mesh, applied by a modifier; 0 for none.
        is_flat: True if the mesh is shaded flat.
        captured: Numbers of the `CapturedPlacement` that replaces size and footprint, or none.
        look: Metallic, roughness, transmission and coat of the mesh's material, or () for the default.
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
    is_flat: bool = False
    captured: tuple[float, ...] = ()
    look: tuple[float, ...] = ()

    def placement(self, points_in_model: np.ndarray) -> Placement | CapturedPlacement:
        """Return the transform of points from model space to object space."""
        if self.captured:
            return CapturedPlacement.from_values(self.captured, self.rotation_deg)
        return placement_of(points_in_model, self.size, self.rotation_deg)


def import_result(result: Result, scene: bpy.types.Scene | None) -> list[bpy.types.Object]:
    """Create the result's objects. The mesh replaces the preview in its object, wherever the user moved that.

    Without a scene, they are in none, and no preview is replaced.

    Raises:
        ValueError: The geometry is empty.
    """
    if not any(part is not None and count_points(part) for part in (result.mesh, result.cloud)):
        raise ValueError(f'"{result.name}" has no geometry. Try another seed.')
    preview = find_preview(result.job_id, result.name) if scene is not None else None
    made = []
    if result.mesh is not None and count_points(result.mesh):
        made.append(build_mesh_object(result, result.mesh, preview, scene))
    if result.cloud is not None and count_points(result.cloud):
        made.append(build_cloud_object(result, result.cloud, preview, scene, behind=bool(made)))
    if preview is not None and preview not in made:
        remove_with_data(preview)
    for target in made:
        write_recipe(target, result.job_id, result.recipe)
        object_id(target)
        store_captured(target, result.captured)
    return made


def count_points(geometry: Mesh | PointCloud) -> int:
    """Return the number of vertices or points."""
    return len(geometry.vertices if isinstance(geometry, Mesh) else geometry.points)


def build_mesh_object(
    result: Result, mesh: Mesh, preview: bpy.types.Object | None, scene: bpy.types.Scene | None
) -> bpy.types.Object:
    """Return the finished mesh object, linked to the scene if there is one."""
    target = preview or new_mesh_object(result)
    if scene is not None:
        ensure_in_scene(target, scene)
    data = mesh_of(target)
    fill_result_mesh(data, result, mesh)
    assign_color_material(data, mesh.colors)
    material = data.materials[0]
    if material is not None and result.look:
        set_look(material, result.look)
    set_decimate(target, result.max_faces)
    if preview is not None:
        target.pop(PREVIEW_JOB_ID, None)
        target.show_in_front = False  # the preview of a version is
    return target


def fill_result_mesh(data: bpy.types.Mesh, result: Result, mesh: Mesh) -> None:
    """Fill mesh data with the result's mesh in object space, and count it."""
    vertices = result.placement(mesh.vertices).apply(mesh.vertices)
    fill_mesh(data, vertices, mesh.faces, mesh.colors)
    finish_mesh(data, mesh.faces)
    if result.is_flat:
        data.shade_flat()
    store_report(data)
    store_look(data, result.look)


def new_mesh_object(result: Result) -> bpy.types.Object:
    """Return an empty mesh object at the result's location, in no scene yet."""
    target = bpy.data.objects.new(result.name, bpy.data.meshes.new(result.name))
    target.location = result.location
    return target


def build_cloud_object(
    result: Result, cloud: PointCloud, preview: bpy.types.Object | None, scene: bpy.types.Scene | None, *, behind: bool
) -> bpy.types.Object:
    """Return the cloud object, where the preview was or behind the mesh."""
    points = result.placement(cloud.points).apply(cloud.points)
    target = new_cloud_object(result.name, points, cloud.colors)
    if scene is not None:
        ensure_in_scene(target, scene)
    if preview is not None:
        target.matrix_basis = preview.matrix_basis
    else:
        target.location = result.location
    if behind:
        target.location.y += result.size * SPACING
    return target
