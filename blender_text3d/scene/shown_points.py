# SPDX-License-Identifier: GPL-3.0-or-later
"""The points that objects show, as arrays: point clouds, those that modifiers make, and vertices without faces.

They are read from what the depsgraph shows, since Blender's own exporters and its Convert to Mesh lose point clouds.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import bpy
import numpy as np

from ..geometry.srgb import srgb_from_linear
from .base_color import base_color
from .colors import DEFAULT_FACE_COLOR
from .evaluated_mesh import COLOR_TYPES, read_colors
from .names import COLOR
from .point_cloud import default_radius

NATIVE_RADIUS = 0.01
"""Blender's radius of points without an attribute of that name."""


class ShownPoints(NamedTuple):
    """The points of one object, in Blender units.

    Attributes:
        name: Name of the object.
        positions: `(N, 3) float32` along the world's axes, from the object's origin.
        colors: `(N, 3) float32` sRGB in [0, 1].
        radii: `(N,) float32`, with the object's scale.
        location: `(3,) float64`, the object's origin in the world.
    """

    name: str
    positions: np.ndarray
    colors: np.ndarray
    radii: np.ndarray
    location: np.ndarray


def shown_points(targets: Iterable[bpy.types.Object]) -> dict[int, ShownPoints]:
    """Return the points of objects in the current view layer by session UID; those that show none are left out."""
    graph: Any = cast(Any, bpy.context).evaluated_depsgraph_get()
    wanted = {target.session_uid: target for target in targets}
    parts: dict[int, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {uid: [] for uid in wanted}
    for instance in graph.object_instances:
        owner = (instance.parent if instance.is_instance else instance.object).original.session_uid
        if owner in wanted and is_points(instance.object):
            matrix = np.array(instance.matrix_world, np.float64)
            parts[owner].append(read_points(instance.object, matrix, origin_of(wanted[owner])))
    return {
        uid: joined(wanted[uid], found)
        for uid, found in parts.items()
        if any(len(positions) for positions, _, _ in found)
    }


def joined(target: bpy.types.Object, parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> ShownPoints:
    """Return the points of all that an object shows."""
    positions, colors, radii = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return ShownPoints(target.name, positions, colors, radii, origin_of(target))


def origin_of(target: bpy.types.Object) -> np.ndarray:
    """Return the place of an object's origin in the world, `(3,) float64`."""
    matrix: Any = target.matrix_world
    return np.array(matrix.translation, np.float64)


def is_points(shown: Any) -> bool:
    """True for an evaluated object that is a point cloud, or a mesh of vertices without edges and faces."""
    if shown.type == "POINTCLOUD":
        return len(positions_of(shown.data)) > 0
    return shown.type == "MESH" and len(shown.data.vertices) > 0 and not len(shown.data.edges)


def positions_of(data: Any) -> Any:
    """Return the position values of a point cloud or mesh; empty clouds may lack them."""
    attribute = data.attributes.get("position")
    return attribute.data if attribute else ()


def read_points(shown: Any, matrix: np.ndarray, location: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return positions, colors and radii of an evaluated object.

    Args:
        shown: The object, whose data has at least one point.
        matrix: `(4, 4) float64`, world from object space.
        location: `(3,) float64` the place in the world that becomes the origin.
    """
    values = positions_of(shown.data)
    points = np.empty((len(values), 3), np.float32)
    values.foreach_get("vector", points.reshape(-1))
    placed = points @ matrix[:3, :3].T + (matrix[:3, 3] - location)
    scale = abs(np.linalg.det(matrix[:3, :3])) ** (1 / 3)
    radii = local_radii(shown, points) * scale
    is_finite = np.isfinite(placed).all(axis=1)
    return (
        placed[is_finite].astype(np.float32),
        point_colors(shown, len(points))[is_finite],
        radii[is_finite].astype(np.float32),
    )


def local_radii(shown: Any, points: np.ndarray) -> np.ndarray:
    """Return `(N,)` radii in object space; vertices without any get those of a generated cloud."""
    attribute = shown.data.attributes.get("radius")
    if attribute is not None and (attribute.data_type, attribute.domain) == ("FLOAT", "POINT"):
        radii = np.empty(len(points), np.float32)
        attribute.data.foreach_get("value", radii)
        return np.nan_to_num(radii).clip(0, None)
    radius = NATIVE_RADIUS if shown.type == "POINTCLOUD" else default_radius(np.nan_to_num(points))
    return np.full(len(points), radius, np.float32)


def point_colors(shown: Any, count: int) -> np.ndarray:
    """Return `(count, 3) float32` sRGB of the color attribute, or else the base color of the material."""
    names = [item.name for item in shown.data.attributes if item.data_type in COLOR_TYPES and item.domain == "POINT"]
    for name in sorted(names, key=lambda name: name != COLOR):
        _, colors = read_colors(shown.data, name)
        if colors is not None and len(colors) == count:
            return np.asarray(np.nan_to_num(colors).clip(0, 1))
    material = shown.active_material
    color = base_color(material).color if material else DEFAULT_FACE_COLOR
    return np.tile(srgb_from_linear(np.array(color, np.float32).clip(0, 1)).astype(np.float32), (count, 1))
