# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of a generated object: add one, show one, delete some, turn them into objects."""

import json
from typing import Any

import bpy

from .names import ACTIVE_VERSION, VERSIONS
from .version_data import Geometry, own_data, remove_unused, swap_data
from .version_list import GEOMETRY_TYPES, MAX_VERSIONS, adopt, data_of, entries_of, existing, record_active, update_list


class VersionError(Exception):
    """The object's versions cannot be changed, and nothing was; the message is one sentence for the user."""


def reason_not_to_change(target: bpy.types.Object) -> str:
    """Return why the geometry of an object cannot be replaced now, or ""."""
    if target.mode != "OBJECT":
        return f'"{target.name}" is not in Object Mode. Switch to Object Mode.'
    return reason_not_to_replace(target)


def reason_not_to_replace(target: bpy.types.Object) -> str:
    """Return why the geometry of an object cannot be replaced in any mode, or ""."""
    name = target.name
    if target.library is not None:
        return f'"{name}" is linked from another file. Change its versions there, or make it local.'
    if target.override_library is not None:
        return f'"{name}" is a library override. Make it local to change its versions.'
    if target.type not in GEOMETRY_TYPES:
        return f'"{name}" is no longer a mesh or point cloud. Versions to Objects brings its versions back.'
    return ""


def check_changeable(target: bpy.types.Object) -> None:
    """Raise VersionError if the geometry of the object cannot be replaced."""
    if reason := reason_not_to_change(target):
        raise VersionError(reason)


def add_version(target: bpy.types.Object, data: Geometry, recipe: dict[str, Any], job_id: str) -> None:
    """Replace the object's data by new data of the same type and keep the old data as a version.

    Raises:
        VersionError: The object cannot be changed, or has too many versions; the new data is unused.
    """
    check_changeable(target)
    if len(entries_of(target)) >= MAX_VERSIONS:
        raise VersionError(f'"{target.name}" has {MAX_VERSIONS} versions. Delete some of them.')
    update_list(target)
    entry = entries_of(target).add()
    entry.job_id, entry.recipe = job_id, json.dumps(recipe, ensure_ascii=False, indent=1)
    activate(target, len(entries_of(target)) - 1, data)


def show_version(target: bpy.types.Object, number: int) -> None:
    """Show a version of the object, from 1 for the oldest.

    Raises:
        VersionError: The object cannot be changed, has no such version, or another type than it.
    """
    check_changeable(target)
    update_list(target)
    entries = entries_of(target)
    if not 1 <= number <= len(entries):
        raise VersionError(f'"{target.name}" has no version {number}, only {len(entries)}.')
    data = data_of(entries[number - 1])
    if data is None:
        return
    if not isinstance(data, GEOMETRY_TYPES[target.type]):
        raise VersionError(f'"{target.name}" was converted to another type. Use Versions to Objects instead.')
    activate(target, number - 1, own_data(data))


def activate(target: bpy.types.Object, index: int, arriving: Geometry) -> None:
    """Make an entry of the list the active version, with data that only this object uses."""
    entries, active = entries_of(target), getattr(target, ACTIVE_VERSION)
    stored = data_of(entries[index])
    entries[active].data = target.data
    swap_data(target, arriving, has_own_materials=not (entries[active].recipe and entries[index].recipe))
    entries[index].data = None
    setattr(target, ACTIVE_VERSION, index)
    adopt(target, index)
    record_active(target)
    if stored is not arriving:
        remove_unused(stored)


def delete_version(target: bpy.types.Object) -> None:
    """Delete the active version and show the one before it, or the next one.

    Raises:
        VersionError: The object cannot be changed, or has one version only.
    """
    check_changeable(target)
    update_list(target)
    active, count = getattr(target, ACTIVE_VERSION), len(entries_of(target))
    if count < 2:
        raise VersionError(f'"{target.name}" has one version only. Delete the object instead.')
    show_version(target, active if active else 2)
    remove_entry(target, active)


def keep_active_version(target: bpy.types.Object) -> int:
    """Delete all versions but the active one; return their number.

    Raises:
        VersionError: The object is linked or overridden.
    """
    check_editable(target)
    update_list(target)
    others = [index for index in existing(target) if index != getattr(target, ACTIVE_VERSION)]
    for index in reversed(others):
        remove_entry(target, index)
    clear_versions(target)
    return len(others)


def check_editable(target: bpy.types.Object) -> None:
    """Raise VersionError if the object's list cannot be changed; its type and mode do not matter."""
    if target.library is not None or target.override_library is not None:
        check_changeable(target)


def remove_entry(target: bpy.types.Object, index: int) -> None:
    """Remove an entry that is not active, and its data if nothing else uses it."""
    entries, active = entries_of(target), getattr(target, ACTIVE_VERSION)
    data = data_of(entries[index])
    entries.remove(index)
    setattr(target, ACTIVE_VERSION, active - (index < active))
    remove_unused(data)


def clear_versions(target: bpy.types.Object) -> None:
    """Empty the list of an object."""
    getattr(target, VERSIONS).clear()
    setattr(target, ACTIVE_VERSION, 0)
