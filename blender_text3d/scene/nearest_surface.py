# SPDX-License-Identifier: GPL-3.0-or-later
"""The nearest places on the surface of a mesh, with the corners around them to interpolate between."""

from typing import Any, NamedTuple

import bpy
import numpy as np
from mathutils.bvhtree import BVHTree

from .data_access import attribute_values


class Surface(NamedTuple):
    """The triangles of a mesh.

    Attributes:
        positions: `(V, 3) float32`.
        corners: `(T, 3) int32`, the mesh's corners.
        vertices: `(T, 3) int32`.
        faces: `(T,) int32`, the mesh's faces.
        tree: A search tree over the triangles.
    """

    positions: np.ndarray
    corners: np.ndarray
    vertices: np.ndarray
    faces: np.ndarray
    tree: BVHTree


class Places(NamedTuple):
    """Places on a surface.

    Attributes:
        positions: `(N, 3) float32`.
        triangles: `(N,) int32`.
        weights: `(N, 3) float32`, of the triangle's corners; their sum is 1.
    """

    positions: np.ndarray
    triangles: np.ndarray
    weights: np.ndarray


def positions_of(data: bpy.types.Mesh) -> np.ndarray:
    """Return the places of the vertices, `(V, 3) float32`."""
    positions = np.empty((len(data.vertices), 3), np.float32)
    if len(positions):  # an empty mesh lacks the attribute
        attribute_values(data, "position").foreach_get("vector", positions.reshape(-1))
    return positions


def surface_of(data: bpy.types.Mesh) -> Surface:
    """Return the surface of a mesh that has faces."""
    data.calc_loop_triangles()
    count, triangles = len(data.loop_triangles), {}
    for name, width in (("loops", 3), ("vertices", 3), ("polygon_index", 1)):
        triangles[name] = np.empty((count, width), np.int32)
        data.loop_triangles.foreach_get(name, triangles[name].reshape(-1))
    positions, vertices = positions_of(data), triangles["vertices"]
    from_polygons: Any = BVHTree.FromPolygons
    tree = from_polygons(positions.tolist(), vertices.tolist(), all_triangles=True)
    return Surface(positions, triangles["loops"], vertices, triangles["polygon_index"][:, 0], tree)


def nearest_places(surface: Surface, points: np.ndarray) -> Places:
    """Return the nearest place on a surface for each of `(N, 3)` points."""
    places, triangles = np.empty((len(points), 3), np.float32), np.zeros(len(points), np.int32)
    find: Any = surface.tree.find_nearest
    for row, point in enumerate(points.tolist()):
        place, _, triangle, _ = find(point)
        if place is not None:
            places[row], triangles[row] = place, triangle
        else:  # not a number, as a mesh of another program may have
            places[row] = 0.0
    return Places(places, triangles, corner_weights(surface.positions[surface.vertices[triangles]], places))


def corner_weights(corners: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the barycentric coordinates `(N, 3) float32` of places in their triangles, without negative ones.

    Source: C. Ericson, Real-Time Collision Detection (2005), section 3.4.

    Args:
        corners: `(N, 3, 3)` places of the triangles' corners.
        places: `(N, 3)`.
    """
    first, second, to_place = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0], places - corners[:, 0]
    dots = [np.einsum("ni,ni->n", *pair) for pair in (
        (first, first), (first, second), (second, second), (to_place, first), (to_place, second)
    )]  # fmt: skip
    aa, ab, bb, pa, pb = dots
    area = aa * bb - ab * ab
    is_flat = area <= 1e-12 * aa * bb
    area[is_flat] = 1.0
    weights = np.stack([np.zeros_like(aa), (bb * pa - ab * pb) / area, (aa * pb - ab * pa) / area], axis=1)
    weights[:, 0] = 1.0 - weights[:, 1] - weights[:, 2]
    weights[is_flat] = 1 / 3
    weights = np.maximum(weights, 0.0)
    total: np.ndarray = weights.sum(axis=1, keepdims=True)
    return np.asarray(weights / total, np.float32)


def triangle_normals(surface: Surface, triangles: np.ndarray) -> np.ndarray:
    """Return the unit normals `(N, 3)` of triangles; zero for those without area."""
    corners = surface.positions[surface.vertices[triangles]]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    normals /= np.where(lengths > 0, lengths, 1)
    return np.asarray(normals)
