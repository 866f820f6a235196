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
from .smooth import add_smooth, smooth_modifier, smooth_values

Applied = tuple[list[bpy.types.Object], dict[str, str]]
"""Objects whose mesh was changed, and why others were skipped, by their names."""


def apply_decimate(targets: Iterable[bpy.types.Object]) -> Applied:
    """Apply the number of faces that is shown, with the smoothing before it; objects without Decimate stay."""
    return apply_own([target for target in targets if decimate_modifier(target)], (smooth_modifier, decimate_modifier))


def apply_smooth(targets: Iterable[bpy.types.Object]) -> Applied:
    """Apply the smoothing; objects without it stay."""
    return apply_own([target for target in targets if smooth_modifier(target)], (smooth_modifier,))


def apply_own(targets: list[bpy.types.Object], kinds: tuple[Callable[[bpy.types.Object], Any], ...]) -> Applied:
    """Apply some of the add-on's modifiers, and remove them.

    Args:
        targets: Mesh objects.
        kinds: Functions that return one of the modifiers of an object, or None, in the order in which they act.
    """
    changed: list[bpy.types.Object] = []
    skipped: dict[str, str] = {}
    for target in targets:
        modifiers = [modifier for kind in kinds if (modifier := kind(target)) is not None]
        created = with_modifiers(mesh_of(target), partial(add_all, modifiers))
        failed = swap_meshes([target], created, keep_old=True)
        skipped |= failed
        if not failed:
            changed.append(target)
            for modifier in modifiers:
                target.modifiers.remove(modifier)
    return changed, skipped


def add_all(modifiers: list[Any], target: bpy.types.Object) -> None:
    """Add the same modifiers to another object."""
    for modifier in reversed(modifiers):  # each is added before the others
        if modifier.type == "DECIMATE":
            add_collapse(target, modifier.ratio)
        else:
            add_smooth(target, *smooth_values(modifier))
