# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects by the job that made them. Objects are looked up anew each time: undo and loading make references dangle."""

import bpy

from .names import JOB_ID, PREVIEW_JOB_ID


def objects_of_job(job_id: str) -> list[bpy.types.Object]:
    """Every object of this file that the job made, also copies that the user made of it."""
    return [item for item in bpy.data.objects if item.get(JOB_ID) == job_id and item.library is None]


def find_preview(job_id: str, name: str) -> bpy.types.Object | None:
    """The object that shows the job's progress.

    Args:
        name: Where to look first; a file may hold thousands of objects.
    """
    named = bpy.data.objects.get((name, None))
    if named is not None and named.type == "MESH" and named.get(PREVIEW_JOB_ID) == job_id:
        return named
    return next((item for item in find_previews() if item[PREVIEW_JOB_ID] == job_id), None)


def find_previews() -> list[bpy.types.Object]:
    """All objects that show progress, whichever the job. In somebody else's file anything may wear the name."""
    items = (item for item in bpy.data.objects if item.type == "MESH" and item.library is None)
    return [item for item in items if item.get(PREVIEW_JOB_ID) and isinstance(item[PREVIEW_JOB_ID], str)]
