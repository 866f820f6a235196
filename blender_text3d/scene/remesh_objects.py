# SPDX-License-Identifier: GPL-3.0-or-later
"""Remesh and repair of objects: each mesh once, however many of the objects share it."""

from collections.abc import Iterable
from typing import NamedTuple

import bpy
import numpy as np

from .baked_colors import show_attribute
from .decimate import remove_decimate
from .face_arrays import RemeshError
from .mesh_defects import MeshDefects, count_defects
from .mesh_fixes import Fixes, fix_mesh
from .mesh_report import report_of, store_report
from .mesh_swap import by_mesh, swap_meshes
from .recipe import recipe_of
from .remesh import remeshed
from .version_list import has_versions


class Remeshed(NamedTuple):
    """Outcome of a remesh.

    Attributes:
        objects: Objects with a new mesh.
        faces: Faces of all new meshes.
        had_uv_maps: True if UV maps were dropped.
        skipped: Why other objects were skipped, by their names.
    """

    objects: list[bpy.types.Object]
    faces: int
    had_uv_maps: bool
    skipped: dict[str, str]


class Fixed(NamedTuple):
    """Outcome of a repair: the objects with fewer defects, and the defects of all objects before and after."""

    objects: list[bpy.types.Object]
    before: MeshDefects
    after: MeshDefects
    skipped: dict[str, str]


def remesh_objects(targets: Iterable[bpy.types.Object], kind: str, faces: int, keep_old: bool) -> Remeshed:
    """Give each mesh new faces; the add-on's Decimate modifier is removed, since the number was asked for.

    Materials with a baked texture show the color attribute again, since the texture's UV map is dropped.

    Args:
        targets: Mesh objects whose mesh can be replaced.
        kind: remesh.TRIANGLES or QUADS.
        faces: Faces of each mesh.
        keep_old: True to keep the old mesh of generated objects as a version.
    """
    changed: list[bpy.types.Object] = []
    skipped: dict[str, str] = {}
    count, had_uv_maps = 0, False
    for data, group in by_mesh(targets).items():
        has_uv_maps = len(data.uv_layers) > 0
        try:
            created = remeshed(data, kind, faces, scale_of(group[0]))
        except RemeshError as error:
            skipped |= {target.name: str(error) for target in group}
            continue
        made = len(created.polygons)
        failed = swap_meshes(group, created, keep_old)
        skipped |= failed
        done = [target for target in group if target.name not in failed]
        for target in done:
            remove_decimate(target)
            show_attribute(target)
        changed += done
        count += made if done else 0
        had_uv_maps = had_uv_maps or (has_uv_maps and bool(done))
    return Remeshed(changed, count, had_uv_maps, skipped)


def scale_of(target: bpy.types.Object) -> np.ndarray:
    """Return the object's scale in the world without signs, `(3,)`; 1 where it is zero."""
    scale = np.abs(np.array(target.matrix_world.to_scale()))
    return np.where(scale > 0, scale, 1.0)


def fix_objects(targets: Iterable[bpy.types.Object], fixes: Fixes, keep_old: bool) -> Fixed:
    """Repair each mesh, in place unless objects that are not among these use it too.

    Args:
        targets: Mesh objects whose mesh can be changed.
        fixes: What to repair.
        keep_old: True to keep the old mesh of generated objects as a version.
    """
    changed: list[bpy.types.Object] = []
    skipped: dict[str, str] = {}
    before, after = np.zeros((2, len(MeshDefects._fields)), int)
    for data, group in by_mesh(targets).items():
        found = count_defects(data, fixes.small_share)
        before += found
        copy = data.copy()
        fix_mesh(copy, fixes)
        left = count_defects(copy, fixes.small_share)
        if left == found:
            bpy.data.meshes.remove(copy)
        elif is_changed_in_place(data, group, keep_old):
            bpy.data.meshes.remove(copy)
            fix_mesh(data, fixes)
            changed += group
            if report_of(data) is not None:
                store_report(data)
        else:
            failed = swap_meshes(group, copy, keep_old)
            skipped |= failed
            changed += [target for target in group if target.name not in failed]
        after += left
    return Fixed(changed, MeshDefects(*before.tolist()), MeshDefects(*after.tolist()), skipped)


def is_changed_in_place(data: bpy.types.Mesh, group: list[bpy.types.Object], keep_old: bool) -> bool:
    """True if only these objects use a mesh, and none of them keeps the old one."""
    is_kept = keep_old and any(recipe_of(target) is not None or has_versions(target) for target in group)
    is_own = data.library is None and data.override_library is None
    return is_own and not is_kept and data.users - int(data.use_fake_user) == len(group)
