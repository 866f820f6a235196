# SPDX-License-Identifier: GPL-3.0-or-later
"""The object that a result replaces: remembered when a job is queued, found again when its result is imported."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import bpy

from ...protocol.failures import Reason
from ..state.active_job import ImportTarget, ReplacedObject
from ..state.problem import Problem, SubmitError
from ..state.session_state import state
from .free_location import xyz

if TYPE_CHECKING:
    from ...scene.importer import Result

OUTPUT_NOUNS = {"mesh": "a mesh", "cloud": "a point cloud"}


def active_generated() -> bpy.types.Object | None:
    """Return the active object if it was generated, or one of its versions was, or None."""
    from ...scene.recipe import recipe_of
    from ...scene.version_list import has_versions

    target = bpy.context.view_layer.objects.active
    return target if target is not None and (recipe_of(target) is not None or has_versions(target)) else None


def target_of_object(
    target: bpy.types.Object,
    scene: bpy.types.Scene,
    expected_weights: tuple[str, ...] = (),
    captured: tuple[float, ...] = (),
) -> ImportTarget:
    """Return the import target that makes a result a version of an object.

    Args:
        target: The object.
        scene: Its scene.
        expected_weights: `weights_of` the first object, for Regenerate.
        captured: Placement of the object if it was captured now; by default that of an earlier time, if there is one.

    Raises:
        SubmitError: The object is linked, overridden, of another type, or separated into parts.
    """
    from ...scene.captured_placement import captured_of
    from ...scene.object_id import object_id

    check_replaceable(target)
    check_is_whole(target)
    matrix: Any = target.matrix_world
    rows = tuple(tuple(row) for row in matrix)
    replaced = ReplacedObject(target.name, object_id(target), target.session_uid, rows)
    return ImportTarget(
        scene.name,
        xyz(matrix.translation),
        expected_weights,
        replaced=replaced,
        captured=captured or captured_of(target),
    )


def check_replaceable(target: bpy.types.Object) -> None:
    """Raise SubmitError if no result can become a version of an object."""
    from ...scene.versions import reason_not_to_replace

    if reason := reason_not_to_replace(target):
        raise SubmitError(Problem(reason, "Or set Into to New.", Reason.CONFLICT))


def is_separated(target: bpy.types.Object) -> bool:
    """True if an object was separated into parts that are not joined again."""
    from ...scene.parts import whole_of

    return any(whole_of(child) == target for child in target.children)


def check_is_whole(target: bpy.types.Object) -> None:
    """Raise SubmitError if an object has separate parts, which replacing it would leave in the scene."""
    if is_separated(target):
        reason = f'"{target.name}" is separated into parts. Replacing it would leave them in the scene.'
        raise SubmitError(Problem(reason, "Use Join Parts first, or set Into to New.", Reason.CONFLICT))


def kind_to_replace(target: bpy.types.Object) -> str:
    """Return the output that replaces the geometry of an object: "mesh" or "cloud".

    Raises:
        SubmitError: The object is linked, overridden or of another type.
    """
    from ...scene.replace import kind_of

    check_replaceable(target)
    return kind_of(target)


def check_outputs(target: bpy.types.Object, outputs: str) -> None:
    """Raise SubmitError if the output that the panel asks for cannot replace an object."""
    kind = kind_to_replace(target)
    if outputs not in (kind, "both"):
        message = f'"{target.name}" is {OUTPUT_NOUNS[kind]} and cannot be replaced by {OUTPUT_NOUNS[outputs]}.'
        raise SubmitError(Problem(message, "Change Output, or set Into to New.", Reason.CONFLICT))


def find_replaced(replaced: ReplacedObject) -> bpy.types.Object | None:
    """Return the object that a result replaces, or None if it is gone."""
    from ...scene.object_id import find_generated

    return find_generated(replaced.name, replaced.object_id, replaced.session_uid)


def is_in_file(replaced: ReplacedObject | None) -> bool:
    """True if the file that was just opened has the object that a result replaces."""
    from ...scene.object_id import stored_id

    return replaced is not None and any(stored_id(item) == replaced.object_id for item in bpy.data.objects)


def place_result(result: "Result", replaced: ReplacedObject | None, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Make the result a version of the object that it replaces, or new objects; the user is told if that is gone.

    Raises:
        ValueError: The geometry is empty.
    """
    from ...scene.importer import import_result
    from ...scene.versions import VersionError

    if replaced is None:
        return import_result(result, scene)
    target = find_replaced(replaced)
    try:
        if target is None:
            raise VersionError(f'"{replaced.name}" is no longer in the file.')
        return replace_object(target, result, scene)
    except VersionError as error:
        state.notice(f"{error} The result was imported as a new object.", result.job_id)
    return import_result(result, scene)


def replace_object(target: bpy.types.Object, result: "Result", scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Make the result a version of an object, and its other part, if it has one, a new object behind it.

    Raises:
        VersionError: The object cannot be changed.
    """
    from ...scene.importer import import_result
    from ...scene.placement import SPACING
    from ...scene.replace import kind_of, replace_with_result

    replace_with_result(target, result)
    rest = replace(result, mesh=None) if kind_of(target) == "mesh" else replace(result, cloud=None)
    if rest.mesh is None and rest.cloud is None:
        return [target]
    x, y, z = result.location
    return [target, *import_result(replace(rest, location=(x, y + result.size * SPACING, z)), scene)]
