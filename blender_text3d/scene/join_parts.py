# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of an object, joined to one mesh again: in the order that it had, without doubled vertices."""

from typing import Any

import bmesh
import bpy
import numpy as np
from mathutils import Matrix

from .data_access import attribute_values, custom_property, mesh_of
from .mesh_report import read_attribute
from .mesh_selection import reason_to_keep_mesh
from .names import PART_FACE, PART_VERTEX, WHOLE
from .parts import is_part, is_whole, whole_of


class JoinError(Exception):
    """The parts cannot be joined, and are unchanged; the message is one sentence for the user."""


def wholes_of(targets: list[bpy.types.Object]) -> list[bpy.types.Object]:
    """Return the objects that these are, or are parts of."""
    found = [target if is_whole(target) else whole_of(target) for target in targets]
    return [target for target in dict.fromkeys(found) if target is not None]


def join_parts(whole: bpy.types.Object) -> int:
    """Join the parts that are parented to an object into it, as they are placed now, and return their number.

    Raises:
        JoinError: A part cannot be changed.
    """
    parts = [item for item in whole.children if is_part(item)]
    for item in (whole, *parts):
        if reason := reason_to_keep_mesh(item):
            raise JoinError(f'"{item.name}" is {reason}, so its parts are not joined.')
    data = mesh_of(whole)
    name = str(custom_property(data, WHOLE))
    for part in parts:
        place(part, whole)
    join_into(data, parts)
    restore_order(data)
    del data[WHOLE]
    whole.name = data.name = name
    return len(parts)


def place(part: bpy.types.Object, whole: bpy.types.Object) -> None:
    """Give a part the transform that it has in the object's own space: exactly none if it was not moved."""
    is_child = part.parent_type == "OBJECT" and part.matrix_parent_inverse == Matrix() and not len(part.constraints)
    relative = part.matrix_basis if is_child else whole.matrix_world.inverted_safe() @ part.matrix_world
    relative = relative.copy()
    part.parent = None
    part.constraints.clear()
    part.matrix_world = relative


def join_into(data: bpy.types.Mesh, parts: list[bpy.types.Object]) -> None:
    """Join objects into a mesh, by an object that has no transform; the objects are removed."""
    scene: Any = bpy.context.scene
    base = bpy.data.objects.new("join", data)
    scene.collection.objects.link(base)
    datas = {mesh_of(part) for part in parts}
    try:
        with bpy.context.temp_override(
            active_object=base, object=base, selected_editable_objects=[base, *parts], selected_objects=[base, *parts]
        ):
            if parts:
                bpy.ops.object.join()
    finally:
        bpy.data.objects.remove(base)
    bpy.data.batch_remove([each for each in datas if not each.users])


def restore_order(data: bpy.types.Mesh) -> None:
    """Merge the vertices that separating doubled, and sort vertices and faces as they were before."""
    mesh = bmesh.new()
    try:
        mesh.from_mesh(data)
        merge_doubled(mesh, data)
        for items, name in ((mesh.verts, PART_VERTEX), (mesh.faces, PART_FACE)):
            layer = items.layers.int.get(name)
            if layer is not None:
                items.sort(key=lambda item, layer=layer: item[layer])
                items.layers.int.remove(layer)
        mesh.to_mesh(data)
    finally:
        mesh.free()


def merge_doubled(mesh: Any, data: bpy.types.Mesh) -> None:
    """Merge vertices that were one: those of the same stored index at the same place."""
    if data.attributes.get(PART_VERTEX) is None:
        return
    indices = read_attribute(data, PART_VERTEX, len(data.vertices))
    points = np.empty(3 * len(data.vertices), np.float32)
    attribute_values(data, "position").foreach_get("vector", points)
    keys = np.concatenate([indices[:, None].astype(np.float64), points.reshape(-1, 3)], axis=1)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    target_of = first[inverse.ravel()]
    mesh.verts.ensure_lookup_table()
    doubled = np.flatnonzero(target_of != np.arange(len(target_of)))
    pairs = {mesh.verts[vertex]: mesh.verts[target_of[vertex]] for vertex in doubled.tolist()}
    bmesh.ops.weld_verts(mesh, targetmap=pairs)
