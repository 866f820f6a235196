# SPDX-License-Identifier: GPL-3.0-or-later
"""New meshes for objects in place; those of generated objects keep the old mesh as a version."""

from collections.abc import Iterable

import bpy

from .data_access import custom_property, mesh_of
from .mesh_report import report_of, store_report
from .names import JOB_ID
from .recipe import recipe_of
from .version_data import remove_unused
from .version_list import has_versions
from .versions import VersionError, add_version


def by_mesh(targets: Iterable[bpy.types.Object]) -> dict[bpy.types.Mesh, list[bpy.types.Object]]:
    """Return the meshes of objects, each with the objects that share it."""
    groups: dict[bpy.types.Mesh, list[bpy.types.Object]] = {}
    for target in targets:
        groups.setdefault(mesh_of(target), []).append(target)
    return groups


def swap_meshes(targets: list[bpy.types.Object], created: bpy.types.Mesh, keep_old: bool) -> dict[str, str]:
    """Give a new mesh to objects that share one. Objects that are not among them keep the old mesh.

    Args:
        targets: Objects with the same mesh.
        created: A new mesh that nothing uses; removed if no object takes it.
        keep_old: True to keep the old mesh of generated objects as a version.

    Returns:
        Why an object was skipped, by its name.
    """
    skipped, has_owner = {}, False
    if report_of(targets[0].data) is not None:
        store_report(created)
    for target in targets:
        is_kept = keep_old and (recipe_of(target) is not None or has_versions(target))
        arriving = created.copy() if created.users and (is_kept or has_owner) else created
        try:
            (keep_as_version if is_kept else swap_mesh)(target, arriving)
            has_owner = has_owner or is_kept
        except VersionError as error:
            skipped[target.name] = str(error).rstrip(".")
            if arriving is not created:
                remove_unused(arriving)
    remove_unused(created)
    return skipped


def keep_as_version(target: bpy.types.Object, created: bpy.types.Mesh) -> None:
    """Replace a generated object's mesh by a version with the same recipe."""
    job_id = custom_property(target, JOB_ID)
    add_version(target, created, recipe_of(target) or {}, job_id if isinstance(job_id, str) else "")


def swap_mesh(target: bpy.types.Object, created: bpy.types.Mesh) -> None:
    """Replace an object's mesh, which is removed if nothing else uses it; the new one takes its name."""
    leaving = mesh_of(target)
    name, target.data = leaving.name, created
    if not leaving.users and leaving.library is None:
        bpy.data.meshes.remove(leaving)
        created.name = name
