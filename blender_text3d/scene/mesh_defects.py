# SPDX-License-Identifier: GPL-3.0-or-later
"""Defects of a mesh, counted. Holes and non-manifold edges are those of the mesh report."""

from typing import NamedTuple

import bpy
import numpy as np

from ..geometry.mesh_parts import component_labels
from .face_orientation import faces_of_corners, flipped_faces
from .mesh_report import count_mesh, read_attribute
from .nearest_surface import positions_of

SAME_PLACE = 1e-6
"""Distance of vertices at the same place, as a share of the mesh's size."""


class MeshDefects(NamedTuple):
    """Numbers of defects.

    Attributes:
        holes: Boundary loops.
        non_manifold_edges: Edges with three faces or more.
        flipped_faces: Faces turned against the others of their part, or of a part that is inside out.
        degenerate_faces: Faces without area.
        duplicate_vertices: Vertices at the place of another one, both on open edges.
        loose_vertices: Vertices without an edge.
        loose_edges: Edges without a face.
        small_parts: Loose parts with less than a given share of the largest part's area.
    """

    holes: int = 0
    non_manifold_edges: int = 0
    flipped_faces: int = 0
    degenerate_faces: int = 0
    duplicate_vertices: int = 0
    loose_vertices: int = 0
    loose_edges: int = 0
    small_parts: int = 0


def count_defects(data: bpy.types.Mesh, small_share: float = 0.0) -> MeshDefects:
    """Return the defects of a mesh, without its modifiers.

    Args:
        data: The mesh.
        small_share: Share of the largest part's area below which a loose part is small; 0 for none.
    """
    report = count_mesh(data)
    edges = read_attribute(data, ".edge_verts", 2 * len(data.edges)).reshape(-1, 2)
    faces_at = np.bincount(read_attribute(data, ".corner_edge", len(data.loops)), minlength=len(edges))
    in_edges = np.bincount(edges.reshape(-1), minlength=len(data.vertices))
    return MeshDefects(
        holes=report.holes,
        non_manifold_edges=report.crowded_edges,
        flipped_faces=int(flipped_faces(data).sum()),
        degenerate_faces=int(is_degenerate(data).sum()),
        duplicate_vertices=count_duplicates(positions_of(data)[np.unique(edges[faces_at == 1])], same_distance(data)),
        loose_vertices=int((in_edges == 0).sum()),
        loose_edges=int((faces_at == 0).sum()),
        small_parts=len(np.unique(parts_of_small_faces(data, small_share))),
    )


def same_distance(data: bpy.types.Mesh) -> float:
    """Return the distance up to which vertices are at the same place."""
    if not len(data.vertices):
        return 0.0
    positions = positions_of(data)
    return SAME_PLACE * float(np.linalg.norm(positions.max(axis=0) - positions.min(axis=0)))


def is_degenerate(data: bpy.types.Mesh) -> np.ndarray:
    """Return `(F,) bool`: True for faces without area."""
    areas = np.empty(len(data.polygons), np.float32)
    data.polygons.foreach_get("area", areas)
    return areas <= same_distance(data) ** 2


def count_duplicates(positions: np.ndarray, distance: float) -> int:
    """Return how many of `(N, 3)` places were already taken by another one."""
    if not len(positions) or not distance:
        return 0
    cells = np.round(positions.astype(np.float64) / distance).astype(np.int64)
    return len(cells) - len(np.unique(cells, axis=0))


def parts_of_small_faces(data: bpy.types.Mesh, small_share: float) -> np.ndarray:
    """Return the parts of the faces in loose parts of less than a share of the largest one's area."""
    parts, is_small = small_parts(data, small_share)
    return np.asarray(parts[is_small])


def small_parts(data: bpy.types.Mesh, small_share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the loose part of each face `(F,) int32`, and which faces are in a small one `(F,) bool`.

    Small is measured by the largest part: of a thousand equal parts, as of a cloud of cubes, none is small.
    """
    count = len(data.polygons)
    corners, faces = read_attribute(data, ".corner_vert", len(data.loops)), faces_of_corners(data)
    edges = read_attribute(data, ".edge_verts", 2 * len(data.edges)).reshape(-1, 2)
    of_vertices, parts, areas = (
        component_labels(edges, len(data.vertices)),
        np.zeros(count, np.int32),
        np.empty(count, np.float32),
    )
    parts[faces] = of_vertices[corners]
    data.polygons.foreach_get("area", areas)
    area = np.bincount(parts, areas, len(data.vertices)) if count else np.zeros(1)
    return parts, area[parts] < min(small_share, 1.0) * area.max()
