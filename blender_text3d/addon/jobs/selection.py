# SPDX-License-Identifier: GPL-3.0-or-later
"""Selection of new objects, unless the user has selected something else since pressing Generate."""

from collections.abc import Iterable
from typing import Any, cast

import bpy

from ..state.active_job import ActiveJob, Selection
from ..state.session_state import state


def current_selection() -> Selection:
    """Return the selected and the active object of the current view layer."""
    objects: Any = cast(bpy.types.ViewLayer, bpy.context.view_layer).objects
    return Selection(frozenset(uid(target) for target in objects.selected), uid(objects.active))


def uid(target: bpy.types.Object | None) -> int:
    """Return an object's ID, which stays the same when it is renamed and when Blender undoes; 0 for None."""
    return cast(Any, target).session_uid if target else 0


def is_unchanged(before: Selection | None, now: Selection) -> bool:
    """True if the user has selected nothing since; objects that were removed in between do not count."""
    if before is None or before == now:
        return True
    existing = {uid(target) for target in cast(bpy.types.ViewLayer, bpy.context.view_layer).objects}
    is_same_active = before.active == now.active or before.active not in existing
    return before.selected & existing == now.selected and is_same_active


def select_new(made: list[bpy.types.Object], before: Selection | None) -> None:
    """Select new objects only, and make the first one active, unless the user has changed the selection.

    Args:
        made: The new objects. Those that are not in the current view layer cannot be selected.
        before: The selection to compare with, or None to select them in any case.
    """
    view_layer = cast(bpy.types.ViewLayer, bpy.context.view_layer)
    view_layer.update()  # adds the new objects
    existing = set(view_layer.objects)
    new = [target for target in made if target in existing]
    now = current_selection()
    if not new or not is_unchanged(before, now):
        return
    waiting = [job for job in state.jobs.values() if job.selection and is_unchanged(job.selection, now)]
    select_only(view_layer, new)
    follow_selection(waiting)


def select_only(view_layer: bpy.types.ViewLayer, new: list[bpy.types.Object]) -> None:
    """Select these objects only."""
    for target in list(cast(Any, view_layer.objects).selected):
        target.select_set(False)
    for target in new:
        target.select_set(True)
    view_layer.objects.active = new[0]


def follow_selection(jobs: Iterable[ActiveJob]) -> None:
    """Compare with the current selection when these jobs end, since the add-on has made it and not the user."""
    now = current_selection()
    for job in jobs:
        job.selection = now
