# SPDX-License-Identifier: GPL-3.0-or-later
"""A Decimate modifier that limits the faces shown; the mesh itself keeps all of them.

Faces are counted as triangles, as the modifier does: it splits a quad into two.
"""

from collections.abc import Iterable
from typing import Any

import bpy

from .data_access import mesh_of
from .names import DECIMATE_MODIFIER
from .smooth import smooth_modifier

MIN_FACES = 4
"""Faces of the smallest closed mesh; with fewer, Decimate leaves nothing to see."""


def set_decimate(target: bpy.types.Object, max_faces: int) -> None:
    """Add a Decimate modifier if the object's mesh has more faces than that.

    It comes first, so that the others, which may add faces, get the object's own mesh with fewer.

    Args:
        target: A mesh object.
        max_faces: Limit in triangles; 0 for none.
    """
    faces = triangle_count(mesh_of(target))
    if 0 < max_faces < faces:
        add_collapse(target, max_faces / faces)


def add_collapse(target: bpy.types.Object, ratio: float) -> None:
    """Add the Decimate modifier before all others but the add-on's own smoothing."""
    modifier: Any = target.modifiers.new(DECIMATE_MODIFIER, "DECIMATE")
    modifier.decimate_type, modifier.ratio = "COLLAPSE", ratio
    target.modifiers.move(len(target.modifiers) - 1, int(target.modifiers[0] == smooth_modifier(target)))


def triangle_count(data: bpy.types.Mesh) -> int:
    """Return the number of triangles that the faces of a mesh split into."""
    return max(0, len(data.loops) - 2 * len(data.polygons))


def decimate_modifier(target: bpy.types.Object) -> Any:
    """Return the add-on's Decimate modifier, or None."""
    modifiers: Iterable[Any] = target.modifiers
    kinds = (modifier for modifier in modifiers if modifier.type == "DECIMATE")
    return next((modifier for modifier in kinds if modifier.name.split(".")[0] == DECIMATE_MODIFIER), None)


def remove_decimate(target: bpy.types.Object) -> None:
    """Remove the add-on's Decimate modifier if there is one."""
    modifier = decimate_modifier(target)
    if modifier is not None:
        target.modifiers.remove(modifier)


def face_limit(target: bpy.types.Object) -> int:
    """Return the number of faces that the modifier leaves of the mesh, or all; 0 for an object that is no mesh."""
    if not isinstance(target.data, bpy.types.Mesh):
        return 0
    limit = ratio_limit(target)
    return triangle_count(target.data) if limit is None else round(limit)


def set_face_limit(target: bpy.types.Object, faces: float) -> None:
    """Leave so many faces of a mesh, by the modifier that is added for it, and removed if nothing is to be left out.

    Args:
        target: A mesh object.
        faces: Number of triangles; fewer than MIN_FACES are taken as MIN_FACES.
    """
    total, modifier = triangle_count(mesh_of(target)), decimate_modifier(target)
    if round(faces) >= total:
        remove_decimate(target)
    elif modifier is None:
        set_decimate(target, max(MIN_FACES, round(faces)))
    else:
        modifier.decimate_type, modifier.show_viewport, modifier.show_render = "COLLAPSE", True, True
        modifier.ratio = max(MIN_FACES, faces) / total


def ratio_limit(target: bpy.types.Object) -> float | None:
    """Return the number of faces that the modifier leaves of the mesh, or None without a modifier."""
    modifier = decimate_modifier(target)
    return None if modifier is None else float(modifier.ratio) * triangle_count(mesh_of(target))


def set_ratio_limit(target: bpy.types.Object, limit: float) -> None:
    """Set the modifier's ratio to that number of faces of the object's present mesh."""
    decimate_modifier(target).ratio = min(1.0, limit / max(1, triangle_count(mesh_of(target))))


def faces_shown(target: bpy.types.Object) -> int | None:
    """Return the face count of the modifier, or None if it is missing, off, or not evaluated yet."""
    modifier = decimate_modifier(target)
    if modifier is None or not modifier.show_viewport:
        return None
    return modifier.face_count or None
