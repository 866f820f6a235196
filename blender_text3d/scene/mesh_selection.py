# SPDX-License-Identifier: GPL-3.0-or-later
"""Selected objects whose mesh can be changed, and the reasons why others cannot."""

from collections.abc import Callable, Iterable, Sequence

import bpy

from .data_access import custom_property, mesh_of
from .names import PREVIEW_JOB_ID

MAX_NAMED = 3
"""Objects of one reason that a message names; a longer list would not be read."""


def selected_objects(layer: bpy.types.ViewLayer) -> list[bpy.types.Object]:
    """Return the active object and the selected ones."""
    selected = [item for item in layer.objects if item.select_get(view_layer=layer)]
    active = layer.objects.active
    return list(dict.fromkeys([*([active] if active else []), *selected]))


def reason_not_a_mesh(target: bpy.types.Object) -> str:
    """Return "not a mesh" for an object that is none, else ""."""
    return "" if isinstance(target.data, bpy.types.Mesh) else "not a mesh"


def reason_without_modifiers(target: bpy.types.Object, *, needs_faces: bool = True) -> str:
    """Return why an object cannot get a modifier that changes its faces, or ""."""
    if reason := reason_not_a_mesh(target):
        return reason
    if custom_property(target, PREVIEW_JOB_ID) is not None:
        return "still forming"
    if target.library is not None:
        return "linked from another file"
    if target.mode != "OBJECT":
        return "not in Object Mode"
    return "without faces" if needs_faces and not len(mesh_of(target).polygons) else ""


def reason_to_keep_faces(target: bpy.types.Object) -> str:
    """Return why an object's mesh cannot be changed, or ""."""
    if isinstance(target.data, bpy.types.Mesh) and not len(target.data.vertices):
        return "without vertices"
    if reason := reason_without_modifiers(target, needs_faces=False):
        return reason
    return "a library override" if target.override_library is not None else ""


def reason_to_keep_mesh(target: bpy.types.Object) -> str:
    """Return why an object's mesh cannot be replaced by one with other vertices, or ""."""
    if reason := reason_without_modifiers(target) or reason_to_keep_faces(target):
        return reason
    data = target.data
    return "with shape keys, which would be lost" if isinstance(data, bpy.types.Mesh) and data.shape_keys else ""


def sort_out(
    targets: Iterable[bpy.types.Object], reason_of: Callable[[bpy.types.Object], str]
) -> tuple[list[bpy.types.Object], dict[str, str]]:
    """Return the objects that have no reason to be skipped, and the reason of each other one by its name."""
    fitting, skipped = [], {}
    for target in targets:
        if reason := reason_of(target):
            skipped[target.name] = reason
        else:
            fitting.append(target)
    return fitting, skipped


def skipped_text(skipped: dict[str, str]) -> str:
    """Return one sentence that names skipped objects and why, or ""."""
    names: dict[str, list[str]] = {}
    for name, reason in skipped.items():
        names.setdefault(reason, []).append(f'"{name}"')
    groups = [f"{listed(of_reason)} ({reason})" for reason, of_reason in names.items()]
    return f"Skipped {', '.join(groups)}." if groups else ""


def listed(names: Sequence[str]) -> str:
    """Return names as a list in words, cut after MAX_NAMED."""
    if len(names) > MAX_NAMED + 1:
        return f"{', '.join(names[:MAX_NAMED])} and {len(names) - MAX_NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
