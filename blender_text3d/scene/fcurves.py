# SPDX-License-Identifier: GPL-3.0-or-later
"""The F-curves of one property, in every layout of actions."""

from collections.abc import Iterator
from typing import Any

import bpy


def remove_keys(target: bpy.types.Object, path: str) -> None:
    """Remove the keyframes of a property of an object."""
    for curves, curve in list(curves_of(target, path)):
        curves.remove(curve)


def curves_of(target: bpy.types.Object, path: str) -> Iterator[tuple[Any, Any]]:
    """Yield the F-curves of a property, each with the list that it is in; from 5.0 on these are in layers."""
    action: Any = target.animation_data.action if target.animation_data else None
    if action is None:
        return
    if hasattr(action, "fcurves"):
        lists = [action.fcurves]
    else:
        bags = (bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags)
        slot = target.animation_data.action_slot  # type: ignore[union-attr]
        lists = [bag.fcurves for bag in bags if slot is None or bag.slot == slot]
    for curves in lists:
        yield from ((curves, curve) for curve in list(curves) if curve.data_path == path)
