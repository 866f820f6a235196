# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that selected objects show, themselves and their instances, found again in each step by numbers only.

Between two steps Blender may free whatever it has evaluated, so nothing of Blender's is kept.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import bpy
import numpy as np

from .evaluated_mesh import CaptureError

SURFACE_TYPES = {"MESH", "CURVE", "SURFACE", "FONT", "META"}
MAX_PARTS = 20_000
"""Instances among the objects; an instancer may show millions."""
WHAT_TO_SELECT = "Select a mesh, curve, surface, text or metaball."


class Part(NamedTuple):
    """One object or instance to capture.

    Attributes:
        owner: Session UID of the selected object that shows it.
        number: Index among all that the depsgraph shows.
        is_instance: True if another object shows it.
        matrix: `(4, 4) float64`, world from object space.
        key: Equal for parts with the same mesh and materials.
    """

    owner: int
    number: int
    is_instance: bool
    matrix: np.ndarray
    key: tuple[int, int]


def view_layer_objects() -> Any:
    """Return the objects of the current view layer."""
    return cast(Any, bpy.context).view_layer.objects


def names_of(uids: Sequence[int]) -> str:
    """Return '"Cube" has' or "The selected objects have" as the beginning of a sentence."""
    found = [item.name for item in view_layer_objects() if item.session_uid in uids]
    return f'"{found[0]}" has' if len(found) == 1 else "The selected objects have"


def listed_parts(uids: Sequence[int]) -> tuple[list[Part], list[str]]:
    """Return what selected objects show, and the names of those that show no surface.

    Raises:
        CaptureError: None shows one, or there are too many.
    """
    wanted = {item.session_uid: item.name for item in view_layer_objects() if item.session_uid in uids}
    if not wanted:
        is_gone = "The object is no longer in the view layer. Select it again."
        raise CaptureError(is_gone if uids else "No object is selected. Select the one to encode.")
    graph: Any = bpy.context.evaluated_depsgraph_get()
    parts, shown = list[Part](), set[int]()
    for number, instance in enumerate(graph.object_instances):
        owner = (instance.parent if instance.is_instance else instance.object).original.session_uid
        if owner not in wanted or instance.object.type not in SURFACE_TYPES:
            continue
        if len(parts) == MAX_PARTS:
            raise CaptureError(f"The objects show more than {MAX_PARTS:,} instances. Select fewer.")
        key = instance.object.as_pointer(), instance.object.data.as_pointer()
        matrix = np.array(instance.matrix_world, np.float64)
        parts.append(Part(owner, number, bool(instance.is_instance), matrix, key))
        shown.add(owner)
    if not parts:
        raise CaptureError(reason_without_parts(wanted))
    return parts, [name for uid, name in wanted.items() if uid not in shown]


def reason_without_parts(wanted: dict[int, str]) -> str:
    """Return why objects show no surface: hidden, or of another type."""
    items = [item for item in view_layer_objects() if item.session_uid in wanted]
    hidden = [item for item in items if item.type in SURFACE_TYPES and not item.visible_get()]
    if hidden:
        return f'"{hidden[0].name}" is hidden. Show it first.'
    return f'"{items[0].name}" has no surface. {WHAT_TO_SELECT}'


def evaluated_object(part: Part) -> Any:
    """Return the evaluated object of a part.

    Raises:
        CaptureError: It is gone.
    """
    graph: Any = bpy.context.evaluated_depsgraph_get()
    if not part.is_instance:
        found = next((item for item in view_layer_objects() if item.session_uid == part.owner), None)
        if found is not None:
            return found.evaluated_get(graph)
    else:
        for number, instance in enumerate(graph.object_instances):
            if number == part.number and instance.is_instance and instance.object.type in SURFACE_TYPES:
                return instance.object
    raise CaptureError("An object was removed while it was captured. Start again.")
