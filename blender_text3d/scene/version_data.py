# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of versions: swapped, copied if others use it too, and removed once nothing uses it."""

from typing import Any, cast

import bpy
import numpy as np

from .bake import is_baked, reads_colors
from .colors import mean_color_of
from .decimate import ratio_limit, set_ratio_limit
from .material import color_material
from .material_look import look_of, set_look
from .point_cloud import radius_of, set_radius
from .points_nodes import MATERIAL, get_input, points_modifier
from .version_list import data_of, entries_of

Geometry = bpy.types.Mesh | bpy.types.PointCloud

SAME_COLOR = 0.01


def own_data(data: Geometry, owned_users: int = 1) -> Geometry:
    """Return the data itself, or a copy if another object uses it, or a version of one, or it is linked.

    Args:
        data: The data of a version.
        owned_users: Number of users that are the version's own.
    """
    users = data.users - int(data.use_fake_user)
    is_shared = users > owned_users or data.library is not None or data.override_library is not None
    return cast(Geometry, data.copy()) if is_shared else data


def swap_data(target: bpy.types.Object, arriving: Geometry, *, has_own_materials: bool = False) -> None:
    """Replace the object's data; materials, point radius and number of faces shown stay those of the object.

    Args:
        target: The object.
        arriving: The new data.
        has_own_materials: True if one of the two is the user's own, whose materials belong to it alone.
    """
    leaving: Any = target.data
    radius, limit = radius_of(target), ratio_limit(target) if target.type == "MESH" else None
    if not has_own_materials:
        match_slots(leaving, arriving)
    elif not len(arriving.materials):
        cast(Any, arriving.materials).append(color_material(np.zeros((1, 3), np.float32), arriving.name))
    target.data = arriving
    if radius is not None and radius_of(target) is not None:
        set_radius(target, radius)
    if limit is not None:
        set_ratio_limit(target, limit)
    update_viewport_colors(target, leaving)


def match_slots(leaving: Geometry, arriving: Geometry) -> None:
    """Give arriving data the materials of the leaving data, and never fewer slots.

    Blender drops the slots that new data lacks, with the materials that the user has linked to the object. A baked
    material stays with its own mesh, whose UV map it needs, and so do color materials of another look.
    """
    materials: Any = arriving.materials
    has_other_look = look_of(leaving) != look_of(arriving)

    def stays(material: bpy.types.Material | None) -> bool:
        return is_baked(material) or (has_other_look and reads_colors(material))

    for index, material in enumerate(leaving.materials):
        is_new = index >= len(materials)
        if is_new:
            materials.append(None)
        if not is_new and stays(materials[index]):
            continue
        if not stays(material):
            materials[index] = material
        elif is_new:
            materials[index] = color_material(np.zeros((1, 3), np.float32), arriving.name)
            set_look(materials[index], look_of(arriving))


def update_viewport_colors(target: bpy.types.Object, leaving: Geometry) -> None:
    """Set the color that Solid view shows for the object, unless the user has set one or others share the material."""
    data: Any = target.data
    color, before = mean_color_of(data), mean_color_of(leaving)
    if color is None:
        return
    if before is not None and np.allclose(tuple(target.color), before, atol=SAME_COLOR):
        target.color = color
    for material in data.materials:
        if material and reads_colors(material) and material.library is None and not is_used_elsewhere(material, target):
            material.diffuse_color = color


def is_used_elsewhere(material: bpy.types.Material, target: bpy.types.Object) -> bool:
    """True if something besides the object and its versions uses a material."""
    users = [target.data, *(data_of(entry) for entry in entries_of(target))]
    used: int = sum(list(data.materials).count(material) for data in users if isinstance(data, Geometry))
    used += sum(slot.link == "OBJECT" and slot.material == material for slot in target.material_slots)
    modifier = points_modifier(target)
    used += modifier is not None and get_input(modifier, MATERIAL) == material
    return bool(material.users - int(material.use_fake_user) > used)


def remove_unused(data: bpy.types.ID | None) -> None:
    """Remove data that nothing uses, and its color material with it. Data of other objects stays."""
    if not isinstance(data, Geometry) or data.users or data.library:
        return
    materials = [material for material in data.materials if material and reads_colors(material)]
    bpy.data.batch_remove([data])
    bpy.data.batch_remove([material for material in dict.fromkeys(materials) if material.users == 0])
