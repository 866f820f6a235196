# SPDX-License-Identifier: GPL-3.0-or-later
"""The ID of a generated object: a custom property that finds it again after an undo or when its file was reopened."""

import secrets

import bpy

from .data_access import custom_property
from .names import OBJECT_ID
from .recipe import recipe_of

ID_BYTES = 8


def object_id(target: bpy.types.Object) -> str:
    """Return the object's ID, which it gets if it has none."""
    stored = stored_id(target)
    if stored:
        return stored
    return new_object_id(target)


def stored_id(target: bpy.types.Object) -> str:
    """Return the object's ID, or "" if missing; an untrusted file may have anything under that property."""
    stored = custom_property(target, OBJECT_ID)
    return stored if isinstance(stored, str) else ""


def new_object_id(target: bpy.types.Object) -> str:
    """Give the object a new ID and return it; the user's copies of an object have that of the first one."""
    target[OBJECT_ID] = created = secrets.token_hex(ID_BYTES)
    return created


def find_generated(name: str, wanted_id: str, session_uid: int) -> bpy.types.Object | None:
    """Return a generated object, or None if it is gone.

    Args:
        name: Name that the object had. It decides among copies, and finds an object whose ID was undone.
        wanted_id: Its ID.
        session_uid: Its session UID, which stays when it is renamed, but not when its file is reopened.
    """
    named = bpy.data.objects.get((name, None))
    if named is not None and (named.session_uid == session_uid or stored_id(named) == wanted_id):
        return named
    local = [item for item in bpy.data.objects if item.library is None]
    same = [item for item in local if item.session_uid == session_uid]
    copies = [item for item in local if stored_id(item) == wanted_id]
    is_undone = named is not None and not stored_id(named) and recipe_of(named) is not None
    return next(iter([*same, *copies]), named if is_undone else None)
