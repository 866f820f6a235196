# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects by the job that made them. They are looked up each time: undo and loading invalidate references."""

from itertools import islice

import bpy

from .data_access import custom_property
from .names import JOB_ID, PREVIEW_JOB_ID, VERSIONS
from .version_list import MAX_VERSIONS


def objects_of_job(job_id: str) -> list[bpy.types.Object]:
    """Return every object of this file that the job made, with copies that the user made of it."""
    return [item for item in bpy.data.objects if custom_property(item, JOB_ID) == job_id and item.library is None]


def job_ids_between(start: int, stop: int) -> set[str] | None:
    """Return the jobs that made the objects at these places of the file's list, with all their versions.

    Returns:
        None if the list has no more objects.
    """
    items = bpy.data.objects[start:stop]
    found = [custom_property(item, JOB_ID) for item in items]
    found += [entry.job_id for item in items for entry in islice(getattr(item, VERSIONS, ()), MAX_VERSIONS)]
    return {job_id for job_id in found if isinstance(job_id, str)} if items else None


def find_preview(job_id: str, name: str) -> bpy.types.Object | None:
    """Return the preview object of a job, or None.

    Args:
        job_id: The name of the job folder.
        name: The object name to try first, since a file may have thousands of objects.
    """
    named = bpy.data.objects.get((name, None))
    if named is not None and named.type == "MESH" and custom_property(named, PREVIEW_JOB_ID) == job_id:
        return named
    return next((item for item in find_previews() if item[PREVIEW_JOB_ID] == job_id), None)


def find_previews() -> list[bpy.types.Object]:
    """Return the preview objects of all jobs. An untrusted file may have anything under that property."""
    items = (item for item in bpy.data.objects if item.type == "MESH" and item.library is None)
    return [item for item in items if (job_id := custom_property(item, PREVIEW_JOB_ID)) and isinstance(job_id, str)]
