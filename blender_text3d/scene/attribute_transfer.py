# SPDX-License-Identifier: GPL-3.0-or-later
"""Colors and other attributes of one mesh → another mesh of nearly the same shape, by the nearest place on its surface.

Blender's own remeshers keep colors with an error of 0.02 in version 4.2; the error here is that of the new mesh.
"""

from typing import Any

import bpy
import numpy as np

from .data_access import attribute_values
from .lone_object import lone_object
from .nearest_surface import Places, Surface, nearest_places, positions_of

FIELDS = {
    "FLOAT": ("value", 1, np.float32),
    "FLOAT2": ("vector", 2, np.float32),
    "FLOAT_VECTOR": ("vector", 3, np.float32),
    "FLOAT_COLOR": ("color", 4, np.float32),
    "BYTE_COLOR": ("color", 4, np.float32),
    "INT": ("value", 1, np.int32),
    "BOOLEAN": ("value", 1, np.bool_),
}
"""Field, width and dtype of the values by type of the attribute; colors are linear."""
SHAPE_ATTRIBUTES = {"position", "sharp_edge", "sharp_face", "custom_normal"}
"""Attributes that belong to the old faces."""
TOWARD_CENTER = 0.02
"""Share of the way from a corner to the center of its face at which its values are read, on its side of an edge."""
IS_MEMBER = 1e-4


def transfer_attributes(source: bpy.types.Mesh, surface: Surface, to: bpy.types.Mesh) -> None:
    """Give a mesh the attributes of another one: vertex, corner and face values, vertex groups; no UV maps.

    Args:
        source: The mesh with the attributes.
        surface: Its surface, scaled as the other mesh is.
        to: A mesh with faces, without attributes of its own.
    """
    items: list[Any] = [item for item in source.attributes if is_transferred(item)]
    places: dict[str, Places] = {}
    for item in items:
        if item.domain not in places:
            places[item.domain] = nearest_places(surface, sample_points(to, item.domain))
        values = values_at(item, surface, places[item.domain])
        to.attributes.new(item.name, item.data_type, item.domain)
        attribute_values(to, item.name).foreach_set(FIELDS[item.data_type][0], values.reshape(-1))
    keep_active_colors(source, to)
    if groups := group_names(source):
        at_vertices = places.get("POINT") or nearest_places(surface, sample_points(to, "POINT"))
        transfer_groups(source, groups, surface, at_vertices, to)


def is_transferred(attribute: bpy.types.Attribute) -> bool:
    """True for values on vertices, corners or faces that do not make up the old faces, and are no UV map."""
    name, kind = attribute.name, attribute.data_type
    is_own = not name.startswith(".") and name not in SHAPE_ATTRIBUTES
    is_uv_map = (kind, attribute.domain) == ("FLOAT2", "CORNER")
    return is_own and kind in FIELDS and attribute.domain in ("POINT", "CORNER", "FACE") and not is_uv_map


def sample_points(data: bpy.types.Mesh, domain: str) -> np.ndarray:
    """Return where the elements of a domain are, `(N, 3)`; corners a little inside their faces."""
    positions = positions_of(data)
    if domain == "POINT":
        return positions
    centers = np.empty((len(data.polygons), 3), np.float32)
    data.polygons.foreach_get("center", centers.reshape(-1))
    if domain == "FACE":
        return centers
    vertices, sizes = np.empty(len(data.loops), np.int32), np.empty(len(data.polygons), np.int32)
    attribute_values(data, ".corner_vert").foreach_get("value", vertices)
    data.polygons.foreach_get("loop_total", sizes)
    at_corners: np.ndarray = positions[vertices]
    return np.asarray(at_corners + TOWARD_CENTER * (np.repeat(centers, sizes, axis=0) - at_corners))


def values_at(attribute: Any, surface: Surface, places: Places) -> np.ndarray:
    """Return the values of an attribute at places: interpolated, or the nearest for whole numbers and faces."""
    field, width, kind = FIELDS[attribute.data_type]
    values: np.ndarray = np.empty((len(attribute.data), width), kind)
    attribute.data.foreach_get(field, values.reshape(-1))
    if attribute.domain == "FACE":
        return np.asarray(values[surface.faces[places.triangles]])
    elements = (surface.vertices if attribute.domain == "POINT" else surface.corners)[places.triangles]
    if kind is not np.float32:
        return np.asarray(values[elements[np.arange(len(elements)), places.weights.argmax(axis=1)]])
    return np.asarray(np.einsum("nc,ncw->nw", places.weights, values[elements]))


def keep_active_colors(source: bpy.types.Mesh, to: bpy.types.Mesh) -> None:
    """Make the same color attributes active and rendered as in the source."""
    colors: Any = source.color_attributes
    index = colors.render_color_index
    if colors.active_color_name:
        to.color_attributes.active_color_name = colors.active_color_name
    if 0 <= index < len(colors):
        to.color_attributes.render_color_index = to.color_attributes.find(colors[index].name)


def group_names(source: bpy.types.Mesh) -> list[str]:
    """Return the names of a mesh's vertex groups, which only an object shows."""
    with lone_object(source) as (shown, _):
        return [group.name for group in shown.vertex_groups]


def transfer_groups(
    source: bpy.types.Mesh, names: list[str], surface: Surface, places: Places, to: bpy.types.Mesh
) -> None:
    """Give a mesh the vertex groups of another one, with interpolated weights."""
    weights = np.zeros((len(source.vertices), len(names)), np.float32)
    for row, vertex in enumerate(source.vertices):
        for member in vertex.groups:
            weights[row, member.group] = member.weight
    arriving = np.einsum("nc,ncw->nw", places.weights, weights[surface.vertices[places.triangles]])
    with lone_object(to) as (shown, _):
        for name, column in zip(names, arriving.T, strict=True):
            group: Any = shown.vertex_groups.new(name=name)
            for row in np.flatnonzero(column > IS_MEMBER).tolist():
                group.add([row], float(column[row]), "REPLACE")
