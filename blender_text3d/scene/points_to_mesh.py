# SPDX-License-Identifier: GPL-3.0-or-later
"""Points of an object → a mesh object with their colors: a vertex, a cube or a sphere for each point."""

from typing import Any, cast

import bpy
import numpy as np

from .colors import store_colors
from .data_access import attribute_values
from .material import color_material
from .object_parts import view_layer_objects
from .shown_points import ShownPoints

MAX_MADE_FACES = 5_000_000
SHAPES = ("VERTICES", "CUBES", "SPHERES")
CUBE_VERTICES = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
CUBE_FACES = np.array(
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]], np.int32
)  # fmt: skip
GOLDEN = (1 + 5**0.5) / 2
SPHERE_VERTICES = np.array(
    [[a, b * GOLDEN, 0] for a in (-1, 1) for b in (-1, 1)]
    + [[0, a, b * GOLDEN] for a in (-1, 1) for b in (-1, 1)]
    + [[b * GOLDEN, 0, a] for a in (-1, 1) for b in (-1, 1)],
    np.float32,
) / np.float32((1 + GOLDEN**2) ** 0.5)  # fmt: skip


class ConversionError(Exception):
    """The points are too many; the message is one sentence for the user."""


def points_mesh(points: ShownPoints, shape: str, subdivisions: int, size: float) -> bpy.types.Mesh:
    """Return a new mesh with a material that shows the colors.

    Args:
        points: The points.
        shape: One of SHAPES.
        subdivisions: Of spheres: 0 for icosahedra.
        size: Factor of the points' radii.

    Raises:
        ConversionError: There would be more than MAX_MADE_FACES faces.
    """
    vertices, faces = template(shape, subdivisions)
    count = len(points.positions)
    if count * len(faces) > MAX_MADE_FACES:
        raise ConversionError(
            f'"{points.name}" would get {count * len(faces):,} faces; {MAX_MADE_FACES:,} is the limit. '
            "Choose Vertices, or fewer subdivisions."
        )
    data = bpy.data.meshes.new(points.name)
    scaled = vertices[None] * (points.radii * np.float32(size))[:, None, None]
    places = (points.positions[:, None] + scaled).astype(np.float32).reshape(-1, 3)
    offsets = np.arange(count, dtype=np.int32)[:, None, None] * len(vertices)
    fill_polygons(data, places, (faces[None] + offsets).reshape(-1, faces.shape[1]))
    store_colors(data, np.repeat(points.colors, len(vertices), axis=0))
    data.attributes.new("radius", "FLOAT", "POINT")
    attribute_values(data, "radius").foreach_set("value", np.repeat(points.radii, len(vertices)))
    if shape == "SPHERES":
        data.shade_smooth()
    data.materials.append(color_material(points.colors, points.name))
    return data


def fill_polygons(data: bpy.types.Mesh, places: np.ndarray, faces: np.ndarray) -> None:
    """Fill a new mesh with vertices `(V, 3) float32` and faces `(F, K) int32` of equal numbers of corners."""
    data.vertices.add(len(places))
    attribute_values(data, "position").foreach_set("vector", places.ravel())
    if len(faces):
        data.loops.add(faces.size)
        data.polygons.add(len(faces))
        data.polygons.foreach_set("loop_start", np.arange(0, faces.size, faces.shape[1], dtype=np.int32))
        attribute_values(data, ".corner_vert").foreach_set("value", faces.ravel())
    data.update(calc_edges=True)


def template(shape: str, subdivisions: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the vertices `(V, 3) float32` and faces `(F, K) int32` around a point of radius 1."""
    if shape == "VERTICES":
        return np.zeros((1, 3), np.float32), np.zeros((0, 3), np.int32)
    if shape == "CUBES":
        return CUBE_VERTICES, CUBE_FACES
    vertices, faces = SPHERE_VERTICES, icosahedron_faces()
    for _ in range(subdivisions):
        vertices, faces = subdivided(vertices, faces)
    return vertices, faces


def icosahedron_faces() -> np.ndarray:
    """Return the faces `(20, 3) int32`: all triplets of vertices at the shortest distance, seen from outside."""
    distances = np.linalg.norm(SPHERE_VERTICES[:, None] - SPHERE_VERTICES, axis=2)
    is_edge = (distances > 0.1) & (distances < 1.1)
    triplets = np.argwhere(is_edge[:, :, None] & is_edge[:, None] & is_edge[None])
    faces = triplets[(triplets[:, 0] < triplets[:, 1]) & (triplets[:, 0] < triplets[:, 2])]
    first, second, third = (SPHERE_VERTICES[faces[:, corner]] for corner in range(3))
    is_outward = (np.cross(second - first, third - first) * first).sum(axis=1) > 0
    outward: np.ndarray = faces[is_outward].astype(np.int32)
    return outward


def subdivided(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split each triangle of the unit sphere into four."""
    edges = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    unique, index = np.unique(edges, axis=0, return_inverse=True)
    middles = vertices[unique].sum(axis=1)
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    a, b, c = faces.T
    ab, bc, ca = (index.reshape(-1, 3) + len(vertices)).T
    split = np.concatenate([np.stack(rows, axis=1) for rows in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])
    return np.concatenate([vertices, middles]).astype(np.float32), split.astype(np.int32)


def replace_by_mesh(target: bpy.types.Object, data: bpy.types.Mesh, *, keep_original: bool) -> bpy.types.Object:
    """Return a new object with the mesh at the place of an object, in its collections, selected in its stead.

    Args:
        target: The object whose points the mesh was made of.
        data: The mesh, along the world's axes.
        keep_original: Hide the object, instead of removing it; a linked one is always kept.
    """
    name, is_active = target.name, view_layer_objects().active == target
    made = bpy.data.objects.new(name, data)
    homes = [collection for collection in target.users_collection if collection.library is None]
    for collection in homes or [cast(Any, bpy.context).scene.collection]:
        collection.objects.link(made)
    matrix: Any = target.matrix_world
    made.location = matrix.translation
    made.color = target.color
    target.select_set(False)
    if keep_original or target.library:
        target.hide_set(True)
    else:
        bpy.data.objects.remove(target)
        made.name = name
    made.select_set(True)
    if is_active:
        view_layer_objects().active = made
    return made
