# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of an object, by color or connection, as vertex groups or as objects that can be joined again."""

from collections.abc import Sequence
from typing import Any

import bmesh
import bpy
import numpy as np

from ..geometry.mesh_parts import component_labels
from .bake import color_name, corner_colors
from .color_regions import by_size, color_regions
from .data_access import custom_property, mesh_of
from .mesh_report import read_attribute
from .mesh_selection import reason_to_keep_mesh, reason_without_modifiers
from .names import ACTIVE_VERSION, JOB_ID, OBJECT_ID, PART, PART_FACE, PART_VERTEX, RECIPE, VERSIONS, WHOLE
from .steps import remove_steps
from .version_data import own_data

MAX_PARTS = 64
"""Parts as objects; of more, the smallest stay with the largest one."""


def reason_not_to_group(target: bpy.types.Object, *, by_color: bool) -> str:
    """Return why an object cannot get vertex groups, or ""."""
    if reason := reason_without_modifiers(target):
        return reason
    if target.override_library is not None:
        return "a library override"
    if target.data is not None and target.data.library is not None:
        return "linked from another file"
    return "without a color attribute" if by_color and not color_name(target.data) else ""


def reason_not_to_separate(target: bpy.types.Object, *, by_color: bool) -> str:
    """Return why an object cannot be separated, or ""."""
    if reason := reason_to_keep_mesh(target) or reason_not_to_group(target, by_color=by_color):
        return reason
    return "in parts already" if is_whole(target) or whole_of(target) is not None else ""


def is_whole(target: bpy.types.Object) -> bool:
    """True for an object that was separated: it is the largest part, and can be joined with the others."""
    return isinstance(target.data, bpy.types.Mesh) and isinstance(custom_property(target.data, WHOLE), str)


def whole_of(target: bpy.types.Object) -> bpy.types.Object | None:
    """Return the object that a part was separated from, or None; a part that is no longer parented to it has none.

    The parent says it, since a pointer would be a user of the object, which Blender then would not delete.
    """
    parent = target.parent
    return parent if parent is not None and is_part(target) and is_whole(parent) else None


def is_part(target: bpy.types.Object) -> bool:
    """True for a part that is not the largest one."""
    return custom_property(target, PART) is True and isinstance(target.data, bpy.types.Mesh)


def loose_parts(data: bpy.types.Mesh) -> np.ndarray:
    """Return the loose part of each face, `(F,) int32`, from 0 for the one with the largest area."""
    edges = read_attribute(data, ".edge_verts", 2 * len(data.edges)).reshape(-1, 2)
    corners = read_attribute(data, ".corner_vert", len(data.loops))
    labels = by_size(component_labels(edges, len(data.vertices))[corners[face_starts(data)]], face_areas(data))
    return np.where(labels < MAX_PARTS, labels, 0)


def color_parts(data: bpy.types.Mesh, min_share: float) -> np.ndarray:
    """Return the color region of each face, `(F,) int32`, from 0 for the largest.

    Args:
        data: The mesh.
        min_share: Share of the area that a region has at least.
    """
    return color_regions(corner_ranges(data), face_areas(data), face_pairs(data), min_share)


def face_starts(data: bpy.types.Mesh) -> np.ndarray:
    """Return the first corner of each face, `(F,) int32`."""
    starts = np.empty(len(data.polygons), np.int32)
    data.polygons.foreach_get("loop_start", starts)
    return starts


def face_areas(data: bpy.types.Mesh) -> np.ndarray:
    """Return the area of each face, `(F,) float32`."""
    areas = np.empty(len(data.polygons), np.float32)
    data.polygons.foreach_get("area", areas)
    return areas


def face_sizes(data: bpy.types.Mesh) -> np.ndarray:
    """Return the number of corners of each face, `(F,) int32`."""
    sizes: np.ndarray = np.diff(np.append(face_starts(data), len(data.loops)))
    return sizes


def corner_ranges(data: bpy.types.Mesh) -> np.ndarray:
    """Return the mean, the lowest and the highest color of each face's corners, `(F, 3, 3) float32` linear."""
    starts, colors = face_starts(data), corner_colors(data)
    mean = np.add.reduceat(colors, starts, axis=0) / face_sizes(data)[:, None]
    low, high = (extreme.reduceat(colors, starts, axis=0) for extreme in (np.minimum, np.maximum))
    return np.stack([mean, low, high], axis=1).astype(np.float32)


def face_pairs(data: bpy.types.Mesh) -> np.ndarray:
    """Return the pairs of faces that share an edge, `(P, 2) int32`."""
    edges = read_attribute(data, ".corner_edge", len(data.loops))
    sizes = face_sizes(data)
    faces = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    order = np.argsort(edges, kind="stable")
    edges, faces = edges[order], faces[order]
    is_same = edges[1:] == edges[:-1]
    return np.stack([faces[1:][is_same], faces[:-1][is_same]], -1)


def mean_colors(data: bpy.types.Mesh, labels: np.ndarray) -> np.ndarray:
    """Return the median color of each part, `(R, 3) float32` linear; gray without a color attribute."""
    count = int(labels.max()) + 1
    if not color_name(data):
        return np.full((count, 3), 0.2, np.float32)
    colors = corner_ranges(data)[:, 0]
    return np.stack([np.median(colors[labels == number], axis=0) for number in range(count)])


def add_groups(target: bpy.types.Object, labels: np.ndarray, names: Sequence[str]) -> None:
    """Add a vertex group for each part, with its vertices; groups of the same names are replaced."""
    data = mesh_of(target)
    corners = read_attribute(data, ".corner_vert", len(data.loops))
    part_of_corner = np.repeat(labels, face_sizes(data))
    for number, name in enumerate(unique_names(names)):
        if (group := target.vertex_groups.get(name)) is not None:
            target.vertex_groups.remove(group)
        vertices = np.unique(corners[part_of_corner == number])
        target.vertex_groups.new(name=name).add(vertices.tolist(), 1.0, "REPLACE")


def unique_names(names: Sequence[str]) -> list[str]:
    """Return names of which repeated ones have a number, as Blender numbers objects."""
    return [name if name not in names[:place] else f"{name}.{place:03}" for place, name in enumerate(names)]


def separate(target: bpy.types.Object, labels: np.ndarray, names: Sequence[str]) -> list[bpy.types.Object]:
    """Turn each part into an object; the largest stays in the object itself, and the others are parented to it.

    Args:
        target: The object.
        labels: `(F,) int32`, the part of each face.
        names: A name for each part.

    Returns:
        All parts, with the object itself first.
    """
    target.data = own_data(mesh_of(target))
    data = mesh_of(target)
    store_indices(data)
    datas = [data.copy() for _ in names[1:]]
    parts = [target, *(part_object(target, each) for each in datas)]
    data[WHOLE] = target.name
    for number, (part, name) in enumerate(zip(parts, names, strict=True)):
        keep_faces(mesh_of(part), labels == number)
        part.name = mesh_of(part).name = name
    return parts


def store_indices(data: bpy.types.Mesh) -> None:
    """Store the indices of vertices and faces, by which joining restores their order."""
    attributes: Any = data.attributes
    for name, domain, count in ((PART_VERTEX, "POINT", len(data.vertices)), (PART_FACE, "FACE", len(data.polygons))):
        if (before := attributes.get(name)) is not None:
            attributes.remove(before)
        attributes.new(name, "INT", domain).data.foreach_set("value", np.arange(count, dtype=np.int32))


def part_object(target: bpy.types.Object, data: bpy.types.Mesh) -> bpy.types.Object:
    """Return a copy of an object with other data, without its recipe and versions, in its place and moved with it."""
    part: Any = target.copy()
    remove_steps(part)  # they show the whole object
    for name in (RECIPE, JOB_ID, OBJECT_ID):
        part.pop(name, None)
    if hasattr(part, VERSIONS):
        getattr(part, VERSIONS).clear()
        setattr(part, ACTIVE_VERSION, 0)
    part.animation_data_clear()
    part.constraints.clear()
    part.data, part[PART] = data, True
    part.parent, part.parent_type = target, "OBJECT"
    part.matrix_parent_inverse.identity()
    part.location = part.delta_location = part.delta_rotation_euler = part.rotation_euler = (0, 0, 0)
    part.rotation_mode, part.delta_rotation_quaternion = "XYZ", (1, 0, 0, 0)
    part.scale = part.delta_scale = (1, 1, 1)
    for collection in target.users_collection:
        collection.objects.link(part)
    part.select_set(target.select_get())
    made: bpy.types.Object = part
    return made


def keep_faces(data: bpy.types.Mesh, is_kept: np.ndarray) -> None:
    """Delete all faces but some, with the edges and vertices that only they use."""
    mesh = bmesh.new()
    try:
        mesh.from_mesh(data)
        deleted = [face for face, kept in zip(mesh.faces, is_kept.tolist(), strict=True) if not kept]
        bmesh.ops.delete(mesh, geom=deleted, context="FACES")
        mesh.to_mesh(data)
    finally:
        mesh.free()
