# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of versions stored on an object, and which of them are still there.

The add-on registers the list (addon/settings/versions.py). The active version's geometry is the object's own data, and
its entry has no pointer: that would be a second user of the data, and Blender applies neither modifiers nor transforms
to data with two users.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, cast

import bpy

from .data_access import custom_property
from .names import ACTIVE_VERSION, JOB_ID, RECIPE, VERSIONS
from .recipe import MAX_RECIPE_LENGTH, recipe_of

MAX_VERSIONS = 1000
"""Panels count the versions with every redraw, and files are untrusted."""
MAX_SEED = 2**31 - 1
ORIGINAL = "Original"
"""Name of a version that was not generated: the user's own mesh."""
TIMESTAMP, TIMESTAMP_LENGTH = "%Y%m%d-%H%M%S", 15
GEOMETRY_TYPES = {"MESH": bpy.types.Mesh, "POINTCLOUD": bpy.types.PointCloud}
"""Type of the data by type of the object."""


def entries_of(target: bpy.types.Object) -> Any:
    """Return the stored list. References to its items are invalid once it changes."""
    return getattr(target, VERSIONS)


def active_index(target: bpy.types.Object) -> int:
    """Return the index of the active version in the stored list."""
    return min(int(getattr(target, ACTIVE_VERSION)), max(0, len(entries_of(target)) - 1))


def existing(target: bpy.types.Object) -> Iterator[int]:
    """Yield the indices of the versions whose geometry exists; the user may have removed a mesh from the file."""
    active = active_index(target)
    for index, entry in enumerate(islice(entries_of(target), MAX_VERSIONS)):
        if index == active or isinstance(entry.data, tuple(GEOMETRY_TYPES.values())):
            yield index


def has_versions(target: bpy.types.Object) -> bool:
    """True if the object was replaced at least once; its own mesh may be the one that is shown."""
    return len(entries_of(target)) > 1


def version_count(target: bpy.types.Object) -> int:
    """Return the number of versions; 1 for an object that was never replaced."""
    return max(1, sum(1 for _ in existing(target)))


def version_number(target: bpy.types.Object) -> int:
    """Return the number of the active version, from 1."""
    active = active_index(target)
    return 1 + sum(1 for index in existing(target) if index < active)


def update_list(target: bpy.types.Object) -> None:
    """Make the list fit the object: an entry for the active version, none for those that are gone."""
    remove_copy_of_older_blender(target)
    entries, active = entries_of(target), active_index(target)
    if not len(entries):
        entries.add()
    shown = [index for index, entry in enumerate(entries) if entry.data is not None and entry.data == target.data]
    if shown and shown[0] != active:  # the user has chosen that mesh from Blender's own list of meshes
        adopt(target, shown[0])
        entries.remove(active)
        active = shown[0] - (active < shown[0])
    entries[active].data = None
    setattr(target, ACTIVE_VERSION, active)
    kept = set(existing(target))
    for index in reversed(range(len(entries))):
        if index not in kept:
            entries.remove(index)
    setattr(target, ACTIVE_VERSION, active - sum(1 for index in range(active) if index not in kept))
    setattr(target, ACTIVE_VERSION, active_index(target))
    record_active(target)


def remove_copy_of_older_blender(target: bpy.types.Object) -> None:
    """Remove the custom property in which Blender 4 stored the list.

    Blender 5 stores registered properties elsewhere. When it opens an older file it copies them there and keeps the
    custom property, whose pointers are second users of all data.
    """
    if bpy.app.version >= (5, 0) and custom_property(target, VERSIONS) is not None:
        del target[VERSIONS]


def adopt(target: bpy.types.Object, index: int) -> None:
    """Copy the recipe of a version to the object."""
    entry = entries_of(target)[index]
    target[JOB_ID], target[RECIPE] = entry.job_id, entry.recipe


def record_active(target: bpy.types.Object) -> None:
    """Copy the object's recipe to the entry of the active version, since a rotation may have changed it."""
    entry, recipe = entries_of(target)[active_index(target)], recipe_of(target) or {}
    seed = recipe.get("seed")
    text, job_id = (custom_property(target, name) for name in (RECIPE, JOB_ID))
    entry.name = str(recipe.get("prompt", "")) or (ORIGINAL if not recipe else "")
    entry.recipe = text if isinstance(text, str) and len(text) <= MAX_RECIPE_LENGTH else ""
    entry.job_id = job_id if isinstance(job_id, str) else ""
    entry.seed = seed if type(seed) is int and 0 <= seed <= MAX_SEED else 0
    entry.created = entry.created or date_of(entry.job_id).isoformat(" ", "minutes")


def date_of(job_id: str) -> datetime:
    """Return the local time that a job's ID starts with, or the present time for another ID."""
    try:
        return datetime.strptime(job_id[:TIMESTAMP_LENGTH], TIMESTAMP)
    except ValueError:
        return datetime.now()


def data_of(entry: Any) -> "bpy.types.Mesh | bpy.types.PointCloud | None":
    """Return the geometry of an entry."""
    return cast("bpy.types.Mesh | bpy.types.PointCloud | None", entry.data)
