# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's modifiers, applied: the mesh itself becomes what they show of it, whatever other modifiers follow."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import bpy

from .data_access import mesh_of
from .decimate import add_collapse, decimate_modifier
from .lone_object import with_modifiers
from .mesh_swap import swap_meshes

Applied = tuple[list[bpy.types.Object], dict[str, str]]
"""Objects whose mesh was changed, and why others were skipped, by their names."""


def apply_decimate(targets: Iterable[bpy.types.Object]) -> Applied:
    """Apply the number of faces that is shown; objects without the modifier stay."""
    return apply_own(targets, decimate_modifier, lambda modifier: partial(add_collapse, ratio=modifier.ratio))


def apply_own(
    targets: Iterable[bpy.types.Object],
    modifier_of: Callable[[bpy.types.Object], Any],
    adder: Callable[[Any], Callable[[bpy.types.Object], Any]],
) -> Applied:
    """Apply one modifier of each object, and remove it.

    Args:
        targets: Mesh objects.
        modifier_of: Returns the modifier of an object, or None.
        adder: Returns a function that adds the same modifier to another object.
    """
    changed: list[bpy.types.Object] = []
    skipped: dict[str, str] = {}
    for target in targets:
        modifier = modifier_of(target)
        if modifier is None:
            continue
        created = with_modifiers(mesh_of(target), adder(modifier))
        failed = swap_meshes([target], created, keep_old=True)
        skipped |= failed
        if not failed:
            target.modifiers.remove(modifier)
            changed.append(target)
    return changed, skipped
