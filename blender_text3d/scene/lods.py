# SPDX-License-Identifier: GPL-3.0-or-later
"""Levels of detail of an object for game engines: objects NAME_LOD0, NAME_LOD1 … of their own meshes, with fewer faces.

Unity and Godot take levels by these names. Unreal takes the children of an FBX node of the type LodGroup, which
Blender's FBX exporter makes of an Empty with the custom property "fbx_type".
"""

from functools import partial
from typing import Any, NamedTuple, cast

import bpy

from .data_access import custom_property
from .decimate import MIN_FACES, add_collapse, triangle_count
from .lone_object import with_modifiers
from .mesh_selection import reason_without_modifiers
from .names import LOD_OF

MAX_LEVELS = 5
MAX_NAME_BYTES = 54
"""Blender's limit of 63 bytes without "_LOD0.001"."""
GAP = 1.25
"""Distance of levels in a row, in widths of the object."""


class Lods(NamedTuple):
    """Options of the levels.

    Attributes:
        levels: Number of levels below LOD0, 1 to MAX_LEVELS.
        factor: Share of faces that each level keeps of the one before.
        in_row: True for a visible row beside the object; False for the object's place, hidden.
        in_collection: True for a collection "NAME LODs"; False for the object's own collection.
    """

    levels: int = 3
    factor: float = 0.5
    in_row: bool = False
    in_collection: bool = True


def is_lod_group(target: bpy.types.Object) -> bool:
    """True for the Empty that the levels of an object are parented to."""
    return target.type == "EMPTY" and custom_property(target, LOD_OF) is not None


def reason_without_lods(target: bpy.types.Object) -> str:
    """Return why an object can get no levels, or ""; linked ones can, since their levels are new objects."""
    reason = reason_without_modifiers(target)
    if reason and target.library is None:
        return reason
    if custom_property(target, LOD_OF) is not None:
        return "itself a level of detail"
    for level in range(MAX_LEVELS + 1):
        other = bpy.data.objects.get((lod_name(target, level), None))
        if other is not None and custom_property(other, LOD_OF) != target.name:
            return f'whose "{other.name}" is the name of another object'
    return ""


def lod_name(target: bpy.types.Object, level: int) -> str:
    """Return the name of a level, cut to Blender's limit."""
    return f"{base_name(target)}_LOD{level}"


def base_name(target: bpy.types.Object) -> str:
    """Return the object's name, cut so that a suffix fits."""
    return target.name.encode()[:MAX_NAME_BYTES].decode(errors="ignore")


def make_lods(target: bpy.types.Object, lods: Lods) -> list[bpy.types.Object]:
    """Make the levels of an object as it is shown, with its modifiers; earlier ones are replaced.

    Args:
        target: A visible mesh object of the current view layer.
        lods: How the levels are made.

    Returns:
        The objects, LOD0 with all faces first.
    """
    remove_lods(target)
    collection = lod_collection(target) if lods.in_collection else target.users_collection[0]
    group = new_group(target, collection)
    made = []
    for level, data in enumerate(level_meshes(target, lods)):
        created = bpy.data.objects.new(lod_name(target, level), data)
        data.name = created.name
        created[LOD_OF] = target.name
        collection.objects.link(created)
        created.parent = group
        if lods.in_row:
            created.location.x = (level + 1) * GAP * width_of(data)
        copy_own_materials(target, created)
        made.append(created)
    for created in [] if lods.in_row else made:
        created.hide_render = True
        created.hide_set(True)
    return made


def remove_lods(target: bpy.types.Object) -> None:
    """Remove the levels that were made of an object, with their meshes and a collection that gets empty."""
    found = [item for item in bpy.data.objects if item.library is None and custom_property(item, LOD_OF) == target.name]
    meshes = [item.data for item in found if isinstance(item.data, bpy.types.Mesh)]
    collections = {collection for item in found for collection in item.users_collection}
    bpy.data.batch_remove(found)
    bpy.data.batch_remove([data for data in meshes if not data.users])
    empty = [item for item in collections if is_lod_collection(item, target) and not item.all_objects]
    bpy.data.batch_remove(empty)


def lod_collection(target: bpy.types.Object) -> bpy.types.Collection:
    """Return a collection "NAME LODs" of the object's scene."""
    collection = bpy.data.collections.new(f"{base_name(target)} LODs")
    collection[LOD_OF] = target.name
    cast(bpy.types.Scene, bpy.context.scene).collection.children.link(collection)
    return collection


def is_lod_collection(collection: bpy.types.Collection, target: bpy.types.Object) -> bool:
    """True if a collection was made for the levels of an object."""
    return collection.library is None and custom_property(collection, LOD_OF) == target.name


def new_group(target: bpy.types.Object, collection: bpy.types.Collection) -> bpy.types.Object:
    """Return an Empty at the object's place, the parent of the levels."""
    group = bpy.data.objects.new(f"{base_name(target)}_LODs", None)
    group[LOD_OF], group["fbx_type"] = target.name, "LodGroup"
    group.empty_display_size = 0.1
    group.matrix_world = target.matrix_world
    collection.objects.link(group)
    return group


def level_meshes(target: bpy.types.Object, lods: Lods) -> list[bpy.types.Mesh]:
    """Return new meshes: the object as it is shown, and with fewer faces for each level, all made of the first one."""
    depsgraph: Any = bpy.context.evaluated_depsgraph_get()
    shown = target.evaluated_get(depsgraph)
    meshes = [bpy.data.meshes.new_from_object(shown, preserve_all_data_layers=True, depsgraph=depsgraph)]
    total = triangle_count(meshes[0])
    for level in range(1, lods.levels + 1):
        ratio = max(lods.factor**level, MIN_FACES / max(total, 1))
        meshes.append(with_modifiers(meshes[0], partial(add_collapse, ratio=min(ratio, 1.0))))
    return meshes


def width_of(data: bpy.types.Mesh) -> float:
    """Return the extent of a mesh along X."""
    across = [vertex.co.x for vertex in data.vertices]
    return max(across) - min(across) if across else 0.0


def copy_own_materials(target: bpy.types.Object, created: bpy.types.Object) -> None:
    """Give a level the materials that are linked to its object instead of its mesh."""
    for slot, new in zip(target.material_slots, created.material_slots, strict=False):
        if slot.link == "OBJECT":
            new.link, new.material = "OBJECT", slot.material
