# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of a report from job folders, which are untrusted: no link is followed, what is broken is told."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from blender_text3d.client.results.entry import is_own_folder
from blender_text3d.protocol.events import TERMINAL, Event, Failed, Finished, Started, event_from_json
from blender_text3d.protocol.job_folder import MAX_REQUEST_BYTES, JobFolder
from blender_text3d.protocol.journal import journal_lines
from blender_text3d.system.console import sanitized
from blender_text3d.system.untrusted_files import is_plain_name, read_json, require_regular_file
from scripts.cli.report_row import FAILED, STATUS_OF, UNFINISHED, ReportRow, safe_recipe

REQUEST = "request.json"
NOT_TOLD = ('"kind": "stepped"', '"kind": "notice"')
"""Lines of a journal that a report does not need: nearly all."""


def is_jobs_folder(folder: Path) -> bool:
    """True if a folder contains a job folder."""
    return next(job_folders(folder), None) is not None


def job_folders(folder: Path) -> Iterator[JobFolder]:
    """Yield the job folders by name, oldest first.

    Raises:
        OSError: The folder cannot be read.
    """
    for name in sorted(os.listdir(folder)):
        path = folder / name
        if not name.startswith(".") and is_own_folder(path) and os.path.lexists(path / REQUEST):
            yield JobFolder(path)


def job_rows(folder: Path) -> Iterator[ReportRow]:
    """Yield a row for every job, one that cannot be read included.

    Raises:
        OSError: The folder cannot be read.
    """
    for job in job_folders(folder):
        yield job_row(job)


def job_row(job: JobFolder) -> ReportRow:
    """Return the row of a job; if its request cannot be read, one that tells so."""
    try:
        recipe = safe_recipe(read_json(job.request, MAX_REQUEST_BYTES, follow_links=False)["request"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "its request.json is incomplete"
        return ReportRow(name=job.job_id, status=FAILED, reason=f"The job cannot be read ({cause}).")
    started, end = started_and_end(job)
    files = own_files(job.path, end.files) if isinstance(end, Finished) else {}
    return ReportRow(
        name=job.job_id,
        status=STATUS_OF[end.kind] if end else UNFINISHED,
        recipe=recipe,
        seconds=seconds_of(started, end),
        faces=getattr(end, "faces", 0),
        vertices=getattr(end, "vertices", 0),
        points=getattr(end, "points", 0),
        size_bytes=sum(files.values()),
        files={kind: end.files[kind] for kind in files},
        device=text_of(started, "device_name") or text_of(started, "device"),
        engine=text_of(started, "engine_version"),
        torch=text_of(started, "torch_version"),
        reason=sanitized(f"{end.message} {end.fix}") if isinstance(end, Failed) else "",
        picture=job.thumbnail,
        folder=job.job_id,
    )


def started_and_end(job: JobFolder) -> tuple[Started | None, Event | None]:
    """Return the last start of a job and its terminal event, or None for each that its journal lacks."""
    try:
        require_regular_file(job.journal, sys.maxsize, follow_links=False)
        lines = [line for line in journal_lines(job.journal) if not any(kind in line[:80] for kind in NOT_TOLD)]
    except (OSError, ValueError):
        return None, None
    events = [event for event in map(event_from_json, lines) if event is not None]
    end = next((event for event in events if isinstance(event, TERMINAL)), None)
    started = next((event for event in reversed(events) if isinstance(event, Started)), None)
    return started, end


def seconds_of(started: Started | None, end: Event | None) -> float | None:
    """Return how long a job took, or None if it is not known."""
    if isinstance(end, Finished):
        return end.elapsed_s
    return end.time - started.time if started and end and end.time >= started.time else None


def text_of(started: Started | None, name: str) -> str:
    """Return an attribute of an event as one line, or "" without the event."""
    return sanitized(getattr(started, name))[:120] if started else ""


def own_files(folder: Path, files: dict[str, str]) -> dict[str, int]:
    """Return the sizes in bytes, by kind, of those files that lie in a folder; links and other folders do not count."""
    return {kind: size for kind, name in files.items() if (size := own_size(folder, name)) is not None}


def own_size(folder: Path, name: object) -> int | None:
    """Return the size of a regular file in a folder, or None if there is none of that name."""
    if not is_plain_name(name):
        return None
    try:
        status = os.lstat(folder / name)
    except (OSError, ValueError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
