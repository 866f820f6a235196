# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs that made the objects of this file."""

from collections.abc import Generator

OBJECTS_PER_STEP = 50


def file_jobs() -> Generator[None, None, frozenset[str]]:
    """Look through all objects; the value is the set of their jobs.

    The objects are looked up by their place at every step, since those of the step before may be gone.
    """
    from ...scene.find import job_ids_between

    found: set[str] = set()
    start = 0
    while (job_ids := job_ids_between(start, start + OBJECTS_PER_STEP)) is not None:
        found |= job_ids
        start += OBJECTS_PER_STEP
        yield
    return frozenset(found)
