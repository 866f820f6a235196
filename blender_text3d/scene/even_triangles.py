# SPDX-License-Identifier: GPL-3.0-or-later
"""Even triangles of a closed surface: a voxel remesh whose vertices are spread evenly and moved onto the surface.

Each vertex goes to the place that is nearest to the planes of the surface around it, which restores edges and corners.
Source: T. Ju et al., Dual Contouring of Hermite Data, SIGGRAPH 2002, for the planes; the pull to the neighbors' middle
is that of M. Botsch and L. Kobbelt, A Remeshing Approach to Multiresolution Modeling, SGP 2004.
"""

import math
from typing import Any

import bpy
import numpy as np
from mathutils.bvhtree import BVHTree

from .face_arrays import Faces, RemeshError, faces_of
from .lone_object import with_modifiers
from .nearest_surface import Surface, nearest_places, triangle_normals

FACES_PER_CELL = 3.0
"""Triangles of a voxel remesh for an area of one voxel's side, on average over all directions: 2 (|x| + |y| + |z|)."""
SAME_COUNT = 0.1
MAX_TRIES = 3
ROUNDS = 4
SAME_SIDE = 0.3
"""Least cosine between the normals of a face and of the surface that its vertices are moved to."""
PULL = 0.1
"""Weight of the middle of a vertex's neighbors, where a plane of the surface has 1."""
TOO_THIN = "too thin or open for so few faces; try more faces, or Fix Mesh"
MAX_COMPARED, PERCENTILE, LOST = 1000, 95, 0.25
"""On sound results, 95 % of a surface's vertices are within 0.22 voxels; lost legs of a chair are 0.5 and more away."""


def even_triangles(data: bpy.types.Mesh, surface: Surface, count: int) -> Faces:
    """Return about so many even triangles.

    Raises:
        RemeshError: Voxels of the size that gives so many lose parts of the mesh, which is thin or open.
    """
    voxel_size = voxel_size_of(data, count)
    for _ in range(MAX_TRIES):
        made = voxel_faces(data, voxel_size)
        if not len(made.sizes):
            raise RemeshError(TOO_THIN)
        share = 2 * len(made.sizes) / count
        if abs(share - 1) <= SAME_COUNT:
            break
        voxel_size *= math.sqrt(share)
    corners, positions = made.vertices.reshape(-1, 4), made.positions
    for _ in range(ROUNDS):
        positions = on_surface(positions, corners, surface, voxel_size)
    created = split_quads(Faces(positions, made.vertices, made.sizes))
    if not is_near(distances_to(created, surface), LOST * voxel_size):
        raise RemeshError(TOO_THIN)
    return created


def distances_to(faces: Faces, surface: Surface) -> np.ndarray:
    """Return the distances `(N,)` of vertices of a surface from triangles made of it."""
    rows = np.linspace(0, len(surface.positions) - 1, min(len(surface.positions), MAX_COMPARED)).astype(int)
    from_polygons: Any = BVHTree.FromPolygons
    tree = from_polygons(faces.positions.tolist(), faces.vertices.reshape(-1, 3).tolist(), all_triangles=True)
    return np.array([tree.find_nearest(place)[3] for place in surface.positions[rows].tolist()], float)


def is_near(distances: np.ndarray, farthest: float) -> bool:
    """True if nearly all of a surface's vertices are near: no part of it was lost. False for what is not a number."""
    return bool(np.percentile(distances, PERCENTILE) < farthest)


def voxel_size_of(data: bpy.types.Mesh, count: int) -> float:
    """Return the size of voxels that give about so many triangles."""
    return math.sqrt(FACES_PER_CELL * area_of(data) / count)


def area_of(data: bpy.types.Mesh) -> float:
    """Return the area of all faces; raise RemeshError without any."""
    areas = np.empty(len(data.polygons), np.float32)
    data.polygons.foreach_get("area", areas)
    area = float(areas.sum(dtype=np.float64))
    if not 0 < area < math.inf:
        raise RemeshError("without area")
    return area


def voxel_faces(data: bpy.types.Mesh, voxel_size: float) -> Faces:
    """Return the quads of Blender's voxel remesh."""

    def add(target: bpy.types.Object) -> None:
        modifier: Any = target.modifiers.new("Remesh", "REMESH")
        modifier.mode, modifier.voxel_size, modifier.adaptivity = "VOXEL", voxel_size, 0.0

    created = with_modifiers(data, add)
    faces = faces_of(created)
    bpy.data.meshes.remove(created)
    return faces


def on_surface(positions: np.ndarray, quads: np.ndarray, surface: Surface, voxel_size: float) -> np.ndarray:
    """Return vertices moved toward the middle of their neighbors and onto the surface; those of open edges stay.

    Planes of a surface that is turned away from a face do not count, as on the other side of a thin wall.

    Args:
        positions: `(V, 3) float32`.
        quads: `(F, 4) int32`.
        surface: The surface.
        voxel_size: Farthest way of a vertex.
    """
    at_vertices = positions[quads]
    centers = at_vertices.mean(axis=1)
    # For each vertex of a face, the places of its center, and half way to there.
    samples = np.concatenate([centers, ((at_vertices + centers[:, None]) / 2).reshape(-1, 3)])
    places = nearest_places(surface, samples)
    normals = triangle_normals(surface, places.triangles)
    own_normals = np.cross(at_vertices[:, 2] - at_vertices[:, 0], at_vertices[:, 3] - at_vertices[:, 1])
    own_normals /= np.maximum(np.linalg.norm(own_normals, axis=1, keepdims=True), 1e-30)
    face = np.concatenate([np.arange(len(quads)), np.repeat(np.arange(len(quads)), 4)])
    is_same_side = np.einsum("ni,ni->n", normals, own_normals[face]) > SAME_SIDE
    rows = np.concatenate([np.repeat(np.arange(len(quads)), 4), len(quads) + np.arange(quads.size)])
    vertices = np.tile(quads.reshape(-1), 2)
    rows, vertices = rows[is_same_side[rows]], vertices[is_same_side[rows]]
    moved = nearest_to_planes(middles(positions, quads), positions, vertices, normals[rows], places.positions[rows])
    way = np.where(is_on_border(quads, len(positions))[:, None], 0.0, moved - positions)
    length = np.linalg.norm(way, axis=1, keepdims=True)
    return np.asarray(positions + way * np.minimum(1, voxel_size / np.maximum(length, 1e-30)))


def is_on_border(quads: np.ndarray, count: int) -> np.ndarray:
    """Return `(V,) bool`: True for the vertices of edges that one face has alone."""
    edges = np.sort(np.concatenate([quads[:, [side, (side + 1) % 4]] for side in range(4)]), axis=1)
    found, uses = np.unique(edges, axis=0, return_counts=True)
    is_border = np.zeros(count, bool)
    is_border[found[uses == 1].reshape(-1)] = True
    return is_border


def middles(positions: np.ndarray, quads: np.ndarray) -> np.ndarray:
    """Return the middle of each vertex's neighbors along edges, `(V, 3)`."""
    first, second = (np.concatenate([quads[:, (side + step) % 4] for side in range(4)]) for step in (0, 1))
    count, found = np.bincount(first, minlength=len(positions)), np.zeros_like(positions, np.float64)
    for axis in range(3):
        found[:, axis] = np.bincount(first, positions[second, axis], len(positions))
    return np.where(count[:, None] > 0, found / np.maximum(count, 1)[:, None], positions)


def nearest_to_planes(
    middle: np.ndarray, positions: np.ndarray, vertices: np.ndarray, normals: np.ndarray, places: np.ndarray
) -> np.ndarray:
    """Return the places `(V, 3)` with the least squared distances to the planes of each vertex and to a middle.

    Args:
        middle: `(V, 3)`.
        positions: `(V, 3)`, where vertices without a plane stay.
        vertices: `(N,)`, the vertex of each plane.
        normals, places: `(N, 3)`, the normal of each plane and a place in it.
    """
    count, offsets = len(positions), np.einsum("ni,ni->n", normals, places)
    planes = np.bincount(vertices, minlength=count)
    left, right = np.zeros((count, 3, 3)), np.zeros((count, 3))
    for row in range(3):
        right[:, row] = np.bincount(vertices, normals[:, row] * offsets, count)
        for column in range(3):
            left[:, row, column] = np.bincount(vertices, normals[:, row] * normals[:, column], count)
    weight = PULL * np.maximum(planes, 1)
    left += weight[:, None, None] * np.eye(3)
    right += weight[:, None] * middle
    solved = np.linalg.solve(left, right[:, :, None])[:, :, 0]
    return np.where(planes[:, None] > 0, solved, positions)


def split_quads(faces: Faces) -> Faces:
    """Return faces whose quads are split into triangles at their shorter diagonals."""
    starts = np.cumsum(faces.sizes) - faces.sizes
    quads = faces.vertices[starts[faces.sizes == 4][:, None] + np.arange(4)]
    triangles = faces.vertices[starts[faces.sizes == 3][:, None] + np.arange(3)]
    first, second = (
        np.linalg.norm(faces.positions[quads[:, side]] - faces.positions[quads[:, side + 2]], axis=1) for side in (0, 1)
    )
    turned = np.where((first <= second)[:, None], quads, np.roll(quads, -1, axis=1))
    vertices = np.concatenate([turned[:, [0, 1, 2, 0, 2, 3]].reshape(-1), triangles.reshape(-1)])
    return Faces(faces.positions, vertices, np.full(len(vertices) // 3, 3, np.int32))
