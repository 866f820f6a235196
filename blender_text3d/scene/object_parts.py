# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that selected objects show, themselves and their instances, found again in each step by numbers only.

Between two steps Blender may free whatever it has evaluated, so nothing of Blender's is kept.
"""

from collections.abc import Container, Generator, Sequence
from itertools import islice
from typing import Any, NamedTuple, cast

import bpy
import numpy as np

from .at_once import at_once
from .evaluated_mesh import CaptureError

SURFACE_TYPES = {"MESH", "CURVE", "SURFACE", "FONT", "META"}
MAX_PARTS = 20_000
"""Instances among the objects; an instancer may show millions."""
INSTANCES_PER_STEP = 500
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
    """Return at once what `list_parts` returns."""
    return at_once(list_parts(uids))


def list_parts(uids: Sequence[int]) -> Generator[None, None, tuple[list[Part], list[str]]]:
    """Find what selected objects show, and the names of those that show no surface; yield between steps.

    Raises:
        CaptureError: None shows one, there are too many, or the scene was changed meanwhile.
    """
    wanted = {item.session_uid: item.name for item in view_layer_objects() if item.session_uid in uids}
    if not wanted:
        is_gone = "The object is no longer in the view layer. Select it again."
        raise CaptureError(is_gone if uids else "No object is selected. Select the one to encode.")
    parts, seen, last = list[Part](), 0, None
    while True:
        found, count, last = parts_from(seen, last, wanted)
        parts += found
        if len(parts) > MAX_PARTS:
            raise CaptureError(f"The objects show more than {MAX_PARTS:,} instances. Select fewer.")
        seen += count
        if count < INSTANCES_PER_STEP:
            break
        yield
    if not parts:
        raise CaptureError(reason_without_parts(wanted))
    shown = {part.owner for part in parts}
    return parts, [name for uid, name in wanted.items() if uid not in shown]


def parts_from(begin: int, last: Any, wanted: Container[int]) -> tuple[list[Part], int, Any]:
    """Find the wanted parts among some instances, after `begin` others.

    Blender cannot skip instances, but passes a thousand of them in a millisecond.

    Args:
        begin: Number of instances before these.
        last: What identifies the one before these; None at the beginning.
        wanted: Session UIDs of the objects that show them.

    Returns:
        The parts, the number of instances, and what identifies the last of these.

    Raises:
        CaptureError: The instance before these is another one than before.
    """
    graph: Any = bpy.context.evaluated_depsgraph_get()
    instances = islice(graph.object_instances, max(begin - 1, 0), begin + INSTANCES_PER_STEP)
    if begin and identity(next(instances, None)) != last:
        raise CaptureError("The scene was changed while it was captured. Start again.")
    parts, count = list[Part](), 0
    for count, instance in enumerate(instances, 1):
        owner = (instance.parent if instance.is_instance else instance.object).original.session_uid
        if owner in wanted and instance.object.type in SURFACE_TYPES:
            key = instance.object.as_pointer(), instance.object.data.as_pointer()
            matrix = np.array(instance.matrix_world, np.float64)
            parts.append(Part(owner, begin + count - 1, bool(instance.is_instance), matrix, key))
        if count == INSTANCES_PER_STEP:
            last = identity(instance)
    return parts, count, last


def identity(instance: Any) -> tuple[int, ...]:
    """Return what identifies an instance, or nothing for None."""
    return (instance.object.original.session_uid, instance.random_id, *instance.persistent_id) if instance else ()


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
        for instance in islice(graph.object_instances, part.number, part.number + 1):  # gone with the loop
            if instance.is_instance and instance.object.type in SURFACE_TYPES:
                return instance.object
    raise CaptureError("An object was removed while it was captured. Start again.")
