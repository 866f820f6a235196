# SPDX-License-Identifier: GPL-3.0-or-later
"""New faces for a mesh, as even triangles or as quads; materials, colors and vertex groups carried over.

UV maps are dropped: they would be torn at the seams. Colors that are only in a baked texture become an attribute again.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import bpy
import numpy as np

from .attribute_transfer import transfer_attributes
from .baked_colors import read_texture
from .data_access import attribute_values, mesh_of
from .decimate import add_collapse
from .even_triangles import (
    ROUNDS,
    TOO_THIN,
    area_of,
    distances_to,
    even_triangles,
    is_near,
    on_surface,
    split_quads,
    voxel_size_of,
)
from .face_arrays import Faces, RemeshError, faces_of
from .lone_object import lone_object, run_operator, with_modifiers
from .mesh import SHARP_FROM_RAD
from .mesh_fixes import prepare_for_quads
from .nearest_surface import Surface, positions_of, surface_of

TRIANGLES, QUADS = "TRIANGLES", "QUADS"
MAX_FACES = {TRIANGLES: 200_000, QUADS: 20_000}
"""More would take minutes, in which Blender does not respond."""
MIN_FACES = 8
FINER = 4
LOST = 0.5
"""As in even_triangles; Suzanne's 300 quads are within 0.46, lost legs 1.0 and more away."""
WORST, SOUND = 99, 0.25
"""Percentile of the distances by which results are compared, and that of one which ends the search, in cells."""
MAX_SEEDS = 3
"""Tries of QuadriFlow, whose result loses a thin part with one seed and not with another."""
QUADRIFLOW_SIZE = 1000.0
"""Size of meshes for QuadriFlow: the shortest edges that a repair leaves are a millionth of it."""


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
        area_of(scaled)  # raises
        surface = surface_of(scaled)
        made = (triangles if kind == TRIANGLES else quads)(scaled, surface, faces)
        created = mesh_like(data, made)
        transfer_attributes(data, surface, created)
        read_texture(data, surface, created)
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
    """Return about so many even triangles.

    Where voxels would lose thin parts, or cannot fill an open surface, they are those of split quads. Where QuadriFlow
    loses the parts, too, more triangles are collapsed to the number, which are less even.

    Raises:
        RemeshError: None of this keeps the shape.
    """
    ways: tuple[Callable[[], Faces], ...] = (
        lambda: even_triangles(data, surface, count),
        lambda: split_quads(quads(data, surface, min(count // 2, MAX_FACES[QUADS]))),
        lambda: collapsed(data, even_triangles(data, surface, FINER * count), count),
    )
    for way in ways:
        with suppress(RemeshError):
            return way()
    raise RemeshError(TOO_THIN)


def collapsed(data: bpy.types.Mesh, faces: Faces, count: int) -> Faces:
    """Return faces reduced to so many by Decimate."""
    finer = mesh_like(data, faces)
    made = with_modifiers(finer, partial(add_collapse, ratio=count / len(faces.sizes)))
    fewer = faces_of(made)
    bpy.data.batch_remove([finer, made])
    return fewer


def quads(data: bpy.types.Mesh, surface: Surface, count: int) -> Faces:
    """Return about so many quads by Blender's QuadriFlow, as they are or spread out: what is nearer to the surface.

    Raises:
        RemeshError: It refused the mesh, or lost thin parts of it.
    """
    cell, found = voxel_size_of(data, 2 * count), []
    for seed in range(MAX_SEEDS):
        made = quadriflow(data, count, seed)
        found += [(distances_to(split_quads(way), surface), way) for way in (made, spread(made, surface, cell))]
        distances, nearest = min(found, key=lambda each: np.percentile(each[0], WORST))
        if np.percentile(distances, WORST) < SOUND * cell:
            return nearest
    if not is_near(distances, LOST * cell):
        raise RemeshError(TOO_THIN)
    return nearest


def spread(faces: Faces, surface: Surface, farthest: float) -> Faces:
    """Return quads spread out on the surface, which smooths crumpled parts and shortens some thin ones."""
    if not (faces.sizes == 4).all():
        return faces
    positions = faces.positions
    for _ in range(ROUNDS):
        positions = on_surface(positions, faces.vertices.reshape(-1, 4), surface, farthest)
    return faces._replace(positions=positions.astype(np.float32))


def quadriflow(data: bpy.types.Mesh, count: int, seed: int) -> Faces:
    """Return the quads of QuadriFlow, which may have lost parts of the mesh.

    It calls a mesh with an edge below 0.0001 non-manifold and refuses it, so small meshes are enlarged for it. Far from
    the origin it crumples thin parts, so they are centered.

    Raises:
        RemeshError: It refused the mesh. Version 4.2 does that without saying so.
    """
    positions = positions_of(data)
    low, high = positions.min(axis=0), positions.max(axis=0)
    center, size = (low + high) / 2, float(np.linalg.norm(high - low))
    if not 0 < size < np.inf:
        raise RemeshError("without size")
    copy = data.copy()
    placed = (positions - center) * np.float32(QUADRIFLOW_SIZE / size)
    attribute_values(copy, "position").foreach_set("vector", placed.reshape(-1))
    copy.update()
    prepare_for_quads(copy)
    with lone_object(copy) as (target, layer):
        before = faces_of(copy)
        try:
            done = run_operator(
                target, layer, bpy.ops.object.quadriflow_remesh, mode="FACES", target_faces=count,
                use_preserve_sharp=False, use_preserve_boundary=True, smooth_normals=True, seed=seed,
            )  # fmt: skip
        except RuntimeError:
            done = {"CANCELLED"}
        made = faces_of(mesh_of(target))
        copy = mesh_of(target)
    bpy.data.meshes.remove(copy)
    is_same = len(made.vertices) == len(before.vertices) and np.array_equal(made.vertices, before.vertices)
    if "FINISHED" not in done or is_same or not len(made.sizes):
        raise RemeshError("with faces that QuadriFlow refuses; try Fix Mesh, or triangles")
    return made._replace(positions=made.positions * np.float32(size / QUADRIFLOW_SIZE) + center)
