# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions as objects of their own, in a row beside the object they come from."""

from typing import Any

import bpy
import numpy as np

from .data_access import attribute_values
from .names import ACTIVE_VERSION, JOB_ID, RECIPE
from .object_id import new_object_id
from .placement import SPACING
from .recipe import recipe_of
from .version_data import Geometry, own_data, swap_data
from .version_list import GEOMETRY_TYPES, data_of, entries_of, existing, update_list
from .versions import check_editable, clear_versions


def versions_to_objects(target: bpy.types.Object) -> list[bpy.types.Object]:
    """Turn every version but the active one into an object, with the modifiers and collections of the object.

    Raises:
        VersionError: The object is linked or overridden.
    """
    check_editable(target)
    update_list(target)
    entries, active = entries_of(target), getattr(target, ACTIVE_VERSION)
    indices = [index for index in existing(target) if index != active]
    datas = [data for index in indices if (data := data_of(entries[index])) is not None]
    pitch = SPACING * max((width_of(data) for data in datas), default=0.0) * abs(target.scale.x)
    made = []
    for place, (index, data) in enumerate(zip(indices, datas, strict=True), start=1):
        made.append(object_of_version(target, index, own_data(data)))
        made[-1].location.x += place * pitch
    clear_versions(target)
    return made


def object_of_version(target: bpy.types.Object, index: int, data: Geometry) -> bpy.types.Object:
    """Return a copy of an object that shows one of its versions."""
    entry = entries_of(target)[index]
    is_same_type = isinstance(data, GEOMETRY_TYPES.get(target.type, type(None)))
    made = target.copy() if is_same_type else bpy.data.objects.new(target.name, data)
    if is_same_type:
        clear_versions(made)
        swap_data(made, data, has_own_materials=not (entry.recipe and recipe_of(target)))
    else:
        made.matrix_basis = target.matrix_basis
        made.parent, made.matrix_parent_inverse = target.parent, target.matrix_parent_inverse
    made.name = entry.name or target.name
    copy_recipe(target, index, made)
    for collection in target.users_collection:
        collection.objects.link(made)
    return made


def copy_recipe(target: bpy.types.Object, index: int, made: bpy.types.Object) -> None:
    """Give an object the recipe of another object's version, and an ID of its own."""
    entry = entries_of(target)[index]
    made[JOB_ID], made[RECIPE] = entry.job_id, entry.recipe
    new_object_id(made)


def width_of(data: Geometry) -> float:
    """Return the extent of geometry along X in object space."""
    positions: Any = attribute_values(data, "position")
    if not len(positions):
        return 0.0
    points = np.empty(3 * len(positions), np.float32)
    positions.foreach_get("vector", points)
    return float(np.ptp(points[::3]))
