# SPDX-License-Identifier: GPL-3.0-or-later
"""A Decimate modifier that limits the faces shown; the mesh itself keeps all of them."""

from typing import Any

import bpy

from .data_access import mesh_of
from .names import DECIMATE_MODIFIER


def set_decimate(target: bpy.types.Object, max_faces: int) -> None:
    """Add a Decimate modifier if the object's mesh has more faces than that.

    Args:
        max_faces: Limit in triangles; 0 for none.
    """
    faces = len(mesh_of(target).polygons)
    if 0 < max_faces < faces:
        modifier: Any = target.modifiers.new(DECIMATE_MODIFIER, "DECIMATE")
        modifier.decimate_type = "COLLAPSE"
        modifier.ratio = max_faces / faces


def ratio_limit(target: bpy.types.Object) -> float | None:
    """Return the number of faces that the modifier leaves of the mesh, or None without a modifier."""
    modifier: Any = target.modifiers.get(DECIMATE_MODIFIER)
    if modifier is None or modifier.type != "DECIMATE":
        return None
    return float(modifier.ratio) * len(mesh_of(target).polygons)


def set_ratio_limit(target: bpy.types.Object, limit: float) -> None:
    """Set the modifier's ratio to that number of faces of the object's present mesh."""
    modifier: Any = target.modifiers[DECIMATE_MODIFIER]
    modifier.ratio = min(1.0, limit / max(1, len(mesh_of(target).polygons)))


def faces_shown(target: bpy.types.Object) -> int | None:
    """Return the face count of the modifier, or None if it is missing, off, or not evaluated yet."""
    modifier: Any = target.modifiers.get(DECIMATE_MODIFIER)
    if modifier is None or modifier.type != "DECIMATE" or not modifier.show_viewport:
        return None
    return modifier.face_count or None
