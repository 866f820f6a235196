# SPDX-License-Identifier: GPL-3.0-or-later
"""A modifier that shows at most so many faces; the mesh itself keeps them all."""

import bpy

from .names import DECIMATE_MODIFIER


def set_decimate(target: bpy.types.Object, max_faces: int) -> None:
    """Add a Decimate modifier where the object's mesh has more faces.

    Args:
        max_faces: Triangles; 0 for all.
    """
    faces = len(target.data.polygons)
    if 0 < max_faces < faces:
        modifier = target.modifiers.new(DECIMATE_MODIFIER, "DECIMATE")
        modifier.decimate_type = "COLLAPSE"
        modifier.ratio = max_faces / faces


def faces_shown(target: bpy.types.Object) -> int | None:
    """How many faces our modifier lets through; None where it is gone or off, or Blender has not counted yet."""
    modifier = target.modifiers.get(DECIMATE_MODIFIER)
    if modifier is None or modifier.type != "DECIMATE" or not modifier.show_viewport:
        return None
    return modifier.face_count or None
