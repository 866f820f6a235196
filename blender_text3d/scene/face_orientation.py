# SPDX-License-Identifier: GPL-3.0-or-later
"""Turned faces of a mesh: those unlike most of their part, and all of a closed part that is inside out."""

from typing import Any, NamedTuple

import bpy
import numpy as np

from ..geometry.mesh_parts import component_labels
from .mesh_report import read_attribute
from .nearest_surface import positions_of

MAX_COMPARED_PARTS = 5000
"""Parts up to which each one is compared with all others."""


class Neighbors(NamedTuple):
    """Faces that share an edge with exactly one other face.

    Attributes:
        pairs: `(E, 2) int32`, the two faces.
        is_turned: `(E,) bool`, True if both run along the edge in the same direction.
        is_closed: `(F,) bool`, True if every edge of a face is such an edge.
    """

    pairs: np.ndarray
    is_turned: np.ndarray
    is_closed: np.ndarray


def flipped_faces(data: bpy.types.Mesh) -> np.ndarray:
    """Return `(F,) bool`: True for faces to turn, so that neighbors agree and closed parts face outward.

    A part inside the box of another one stays as most of its faces are: it may be the wall of a cavity.
    """
    count = len(data.polygons)
    if not count:
        return np.zeros(0, bool)
    neighbors = neighbors_of(data)
    parts = component_labels(neighbors.pairs, count)
    is_odd = odd_faces(neighbors, parts)
    areas = np.empty(count, np.float32)
    data.polygons.foreach_get("area", areas)
    odd_area, area = np.bincount(parts, areas * is_odd, count), np.bincount(parts, areas, count)
    is_flipped: np.ndarray = is_odd ^ (odd_area > area / 2)[parts]
    is_open = np.bincount(parts, ~neighbors.is_closed, count) > 0
    is_inside_out = (volumes(data, parts, is_flipped) < 0) & ~is_open & ~nested(data, parts)
    return np.asarray(is_flipped ^ is_inside_out[parts])


def neighbors_of(data: bpy.types.Mesh) -> Neighbors:
    """Return the faces that share an edge."""
    corner_count, edge_count = len(data.loops), len(data.edges)
    edges = read_attribute(data, ".edge_verts", 2 * edge_count).reshape(-1, 2)
    corners, corner_edges = (read_attribute(data, name, corner_count) for name in (".corner_vert", ".corner_edge"))
    corner_faces = faces_of_corners(data)
    order = np.argsort(corner_edges, kind="stable")
    counts = np.bincount(corner_edges, minlength=edge_count)
    first = (np.cumsum(counts) - counts)[counts == 2]
    both = order[np.stack([first, first + 1], axis=1)]
    is_forward = corners == edges[corner_edges, 0]
    is_manifold = counts[corner_edges] == 2
    is_closed = np.bincount(corner_faces, ~is_manifold, len(data.polygons)) == 0
    return Neighbors(corner_faces[both], is_forward[both[:, 0]] == is_forward[both[:, 1]], is_closed)


def faces_of_corners(data: bpy.types.Mesh) -> np.ndarray:
    """Return the face of each corner, `(L,) int32`."""
    sizes = np.empty(len(data.polygons), np.int32)
    data.polygons.foreach_get("loop_total", sizes)
    return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)


def odd_faces(neighbors: Neighbors, parts: np.ndarray) -> np.ndarray:
    """Return `(F,) bool`: True for faces that are turned against the first one of their part."""
    count = len(parts)
    both = np.concatenate([neighbors.pairs, neighbors.pairs[:, ::-1]])
    turned = np.concatenate([neighbors.is_turned, neighbors.is_turned])
    order = np.argsort(both[:, 0], kind="stable")
    to, turned = both[order, 1], turned[order]
    degrees = np.bincount(both[:, 0], minlength=count)
    starts = np.cumsum(degrees) - degrees
    is_reached = parts == np.arange(count)
    is_odd, front = np.zeros(count, bool), np.flatnonzero(is_reached)
    while len(front):
        links = ranges(starts[front], degrees[front])
        found, odd = to[links], np.repeat(is_odd[front], degrees[front]) ^ turned[links]
        is_new = ~is_reached[found]
        found, odd = found[is_new], odd[is_new]
        is_odd[found], is_reached[found] = odd, True
        front = np.unique(found)
    return is_odd


def ranges(starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the concatenated ranges of so many numbers from each start."""
    ends = np.cumsum(counts)
    return np.asarray(np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - counts), counts))


def volumes(data: bpy.types.Mesh, parts: np.ndarray, is_flipped: np.ndarray) -> np.ndarray:
    """Return the volume of each part by its lowest face, `(F,)`; negative for one that is inside out."""
    data.calc_loop_triangles()
    triangles: Any = data.loop_triangles
    vertices, faces = np.empty((len(triangles), 3), np.int32), np.empty(len(triangles), np.int32)
    triangles.foreach_get("vertices", vertices.reshape(-1))
    triangles.foreach_get("polygon_index", faces)
    positions = positions_of(data).astype(np.float64)
    positions -= positions.mean(axis=0)
    first, second, third = (positions[vertices[:, corner]] for corner in range(3))
    signed = np.einsum("ti,ti->t", first, np.cross(second, third)) * np.where(is_flipped[faces], -1, 1)
    return np.asarray(np.bincount(parts[faces], signed, len(parts)) / 6)


def nested(data: bpy.types.Mesh, parts: np.ndarray) -> np.ndarray:
    """Return `(F,) bool` by lowest face: True for parts whose box lies inside the box of another part."""
    corners, faces = read_attribute(data, ".corner_vert", len(data.loops)), faces_of_corners(data)
    positions, found = positions_of(data)[corners], np.unique(parts)
    low, high = (np.full((len(parts), 3), limit, np.float32) for limit in (np.inf, -np.inf))
    np.minimum.at(low, parts[faces], positions)
    np.maximum.at(high, parts[faces], positions)
    is_nested = np.zeros(len(parts), bool)
    if len(found) > MAX_COMPARED_PARTS:
        return is_nested
    for part in found:
        is_nested[part] = ((low[found] < low[part]) & (high[found] > high[part])).all(axis=1).any()
    return is_nested
