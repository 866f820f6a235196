# SPDX-License-Identifier: GPL-3.0-or-later
"""New faces for a mesh, as even triangles or as quads; materials, colors and vertex groups carried over.

UV maps are dropped: they would be torn at the seams.
"""

import bpy
import numpy as np

from .attribute_transfer import transfer_attributes
from .data_access import attribute_values, mesh_of
from .even_triangles import even_triangles, split_quads
from .face_arrays import Faces, RemeshError, faces_of
from .lone_object import lone_object, run_operator
from .mesh import SHARP_FROM_RAD
from .mesh_fixes import prepare_for_quads
from .nearest_surface import Surface, positions_of, surface_of

TRIANGLES, QUADS = "TRIANGLES", "QUADS"
MAX_FACES = {TRIANGLES: 200_000, QUADS: 20_000}
"""More would take minutes, in which Blender does not respond."""
MIN_FACES = 8


def remeshed(data: bpy.types.Mesh, kind: str, faces: int, scale: np.ndarray) -> bpy.types.Mesh:
    """Return a new mesh of about so many faces on the same surface.

    Args:
        data: A mesh with faces and without shape keys, which stays as it is.
        kind: TRIANGLES or QUADS.
        faces: Number of faces, limited to MIN_FACES and MAX_FACES.
        scale: `(3,)` scale of its object, at which the faces are even.

    Raises:
        RemeshError: Blender cannot remesh it.
    """
    faces = min(max(faces, MIN_FACES), MAX_FACES[kind])
    scaled = scaled_copy(data, scale)
    try:
        surface = surface_of(scaled)
        made = triangles(scaled, surface, faces) if kind == TRIANGLES else quads(scaled, faces)
        created = mesh_like(data, made)
        transfer_attributes(data, surface, created)
    finally:
        bpy.data.meshes.remove(scaled)
    positions = made.positions / scale
    attribute_values(created, "position").foreach_set("vector", positions.astype(np.float32).reshape(-1))
    shade_like(data, created)
    return created


def scaled_copy(data: bpy.types.Mesh, scale: np.ndarray) -> bpy.types.Mesh:
    """Return a copy of a mesh at the scale of its object."""
    copy = data.copy()
    positions = positions_of(copy) * scale
    attribute_values(copy, "position").foreach_set("vector", positions.astype(np.float32).reshape(-1))
    copy.update()
    return copy


def mesh_like(data: bpy.types.Mesh, faces: Faces) -> bpy.types.Mesh:
    """Return a copy of a mesh, with its materials and custom properties, that has other faces and no attributes."""
    created = data.copy()
    created.clear_geometry()
    created.vertices.add(len(faces.positions))
    attribute_values(created, "position").foreach_set("vector", faces.positions.astype(np.float32).reshape(-1))
    created.loops.add(len(faces.vertices))
    created.polygons.add(len(faces.sizes))
    starts = np.cumsum(faces.sizes) - faces.sizes
    created.polygons.foreach_set("loop_start", starts.astype(np.int32))
    attribute_values(created, ".corner_vert").foreach_set("value", faces.vertices.astype(np.int32))
    created.update(calc_edges=True)
    created.validate()
    return created


def shade_like(data: bpy.types.Mesh, created: bpy.types.Mesh) -> None:
    """Shade a new mesh flat, or smooth between sharp edges, as most faces of the old one are."""
    is_smooth = np.empty(len(data.polygons), np.bool_)
    data.polygons.foreach_get("use_smooth", is_smooth)
    if is_smooth.mean() < 0.5:
        created.shade_flat()
        return
    created.shade_smooth()
    created.set_sharp_from_angle(angle=SHARP_FROM_RAD)


def triangles(data: bpy.types.Mesh, surface: Surface, count: int) -> Faces:
    """Return about so many even triangles; those of QuadriFlow where voxels are too coarse for thin or open parts.

    Raises:
        RemeshError: Neither of them can remesh the mesh.
    """
    try:
        return even_triangles(data, surface, count)
    except RemeshError as error:
        try:
            return split_quads(quads(data, min(count // 2, MAX_FACES[QUADS])))
        except RemeshError:
            raise error from None


def quads(data: bpy.types.Mesh, count: int) -> Faces:
    """Return about so many quads by Blender's QuadriFlow.

    Raises:
        RemeshError: It refused the mesh. Version 4.2 does that without saying so.
    """
    copy = data.copy()
    prepare_for_quads(copy)
    with lone_object(copy) as (target, layer):
        before = faces_of(copy)
        try:
            done = run_operator(
                target, layer, bpy.ops.object.quadriflow_remesh, mode="FACES", target_faces=count,
                use_preserve_sharp=False, use_preserve_boundary=True, smooth_normals=True, seed=0,
            )  # fmt: skip
        except RuntimeError:
            done = {"CANCELLED"}
        made = faces_of(mesh_of(target))
        copy = mesh_of(target)
    bpy.data.meshes.remove(copy)
    is_same = len(made.vertices) == len(before.vertices) and np.array_equal(made.vertices, before.vertices)
    if "FINISHED" not in done or is_same or not len(made.sizes):
        raise RemeshError("with faces that QuadriFlow refuses; try Fix, or triangles")
    return made
