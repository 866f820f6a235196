# SPDX-License-Identifier: GPL-3.0-or-later
"""Create a job folder for a request, with its own copies of the input files; others never see it incomplete."""

import json
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ..system.console import sanitized
from ..system.files import replace_with_retry
from ..system.machine import machine_id
from ..system.process import own_start_token
from ..system.untrusted_files import is_plain_name, require_regular_file
from .errors import BadRequest, InvalidJob
from .events import Queued
from .job_folder import DRAFT_NAME, FORMAT, JobFolder
from .request import Request
from .version import ENGINE_VERSION

TIMESTAMP, TIMESTAMP_LENGTH, MAX_YEAR = "%Y%m%d-%H%M%S", 15, 2199
MAX_PATH_LENGTH = 300
MAX_INPUT_BYTES = 256 * 2**20
CAPTURES_FOLDER = "captures"
"""Folder next to the jobs folder for the add-on's temporary files. Jobs hard-link them instead of copying."""
INPUT_STEMS = {"image": "input_image", "latent": "input_latent", "object": "input_object"}
"""File name without suffix of a job's own copy, by setting."""


def create_job(jobs_dir: Path, request: Request, *, is_for_blender: bool = True, is_draft: bool = False) -> JobFolder:
    """Create the folder under a hidden name, fill it and rename it.

    Args:
        jobs_dir: The folder of job folders; created if missing.
        request: The request.
        is_for_blender: As in Queued.
        is_draft: True for a draft of Live.

    Raises:
        InvalidJob: The jobs folder cannot be written.
        BadRequest: An input file cannot be read.
    """
    jobs_dir = Path(jobs_dir).absolute()
    job = JobFolder(jobs_dir / new_job_id(request.prompt, names_in(jobs_dir)))
    draft = JobFolder(job.path.with_name(f".{job.job_id}.part"))
    try:
        draft.path.mkdir(parents=True)
        own_request = copy_inputs(request, draft.path, jobs_dir.parent / CAPTURES_FOLDER)
        draft.request.write_text(json.dumps(request_file(job.job_id, own_request, request), indent=2), encoding="utf-8")
        if is_draft:
            (draft.path / DRAFT_NAME).touch()
        draft.append(Queued(machine=machine_id(), started=own_start_token(), is_for_blender=is_for_blender))
        replace_with_retry(draft.path, job.path)
    except BadRequest:
        shutil.rmtree(draft.path, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(draft.path, ignore_errors=True)
        raise InvalidJob(
            f"The jobs folder {jobs_dir} cannot be written ({error.strerror}). "
            "Free some space, or choose another folder in the preferences."
        ) from error
    return job


def request_file(job_id: str, request: Request, original: Request | None = None) -> dict[str, Any]:
    """Return the content of request.json.

    Args:
        job_id: Name of the job folder.
        request: The request with the names of the job's copies.
        original: The request with the user's files, whose names messages have; None without any.
    """
    names = {
        getattr(request, name): sanitized(Path(getattr(original, name)).name)
        for name in INPUT_STEMS
        if original and getattr(request, name)
    }
    return {
        "format": FORMAT,
        "job_id": job_id,
        "created": time.time(),
        "engine_version": ENGINE_VERSION,
        "request": request.to_values(),
        **({"input_names": names} if names else {}),
    }


def copy_inputs(request: Request, folder: Path, captures: Path | None = None) -> Request:
    """Copy the files that a request names to a folder; returns the request with the names of the copies.

    Args:
        request: The request.
        folder: The folder of the job.
        captures: Folder whose files are linked if possible.

    Raises:
        BadRequest: A file cannot be read, or is too large.
        OSError: The folder cannot be written.
    """
    sources = {name: getattr(request, name) for name in INPUT_STEMS}
    copies: dict[str, Any] = {
        name: copy_input(Path(path), folder, INPUT_STEMS[name], captures) for name, path in sources.items() if path
    }
    return replace(request, **copies)


def copy_input(source: Path, folder: Path, stem: str, captures: Path | None = None) -> str:
    """Copy a file as `stem` with the source's suffix; returns the name of the copy.

    A file in a folder of `captures` is linked instead, where that is possible.

    Raises:
        BadRequest: The file cannot be read, or is too large.
        OSError: The folder cannot be written.
    """
    name = f"{stem}{source.suffix.lower()[:8]}"
    path = folder / (name if is_plain_name(name) else stem)
    shown = sanitized(str(source)[:MAX_PATH_LENGTH])
    try:
        require_regular_file(source, MAX_INPUT_BYTES)
        if captures is not None and source.parent.parent == captures and is_linked(source, path):
            return path.name
        file = source.open("rb")
    except OSError as error:
        raise BadRequest(f"The file {shown} cannot be read ({error.strerror}). Choose another file.") from error
    except ValueError as error:
        raise BadRequest(f"The file {shown} cannot be used ({error}). Choose another file.") from error
    with file, path.open("wb") as copy:
        shutil.copyfileobj(file, copy)
    return path.name


def is_linked(source: Path, path: Path) -> bool:
    """Give a file a second name; returns False where that is not possible."""
    try:
        os.link(source, path)
    except OSError:
        return False
    return True


def names_in(folder: Path) -> list[str]:
    """Return the names in a folder, or none if it cannot be read."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


def new_job_id(prompt: str, existing: Iterable[str] = ()) -> str:
    """Return the time, the prompt's first ASCII letters and six random hex digits; IDs sort by age.

    If the clock was set back, the time is one second after the newest existing ID.
    """
    now = time.strftime(TIMESTAMP)
    later = sorted((stamp for name in existing if (stamp := name[:TIMESTAMP_LENGTH]) > now), reverse=True)
    timestamp = next(filter(None, map(second_after, later)), now)
    return f"{timestamp}-{slug(prompt)}-{secrets.token_hex(3)}"


def second_after(timestamp: str) -> str:
    """Return the next second, or "" for text that is not a timestamp or a year after MAX_YEAR."""
    try:
        after = datetime.strptime(timestamp, TIMESTAMP) + timedelta(seconds=1)
    except (ValueError, OverflowError):
        return ""
    return after.strftime(TIMESTAMP) if after.year <= MAX_YEAR else ""


def slug(prompt: str) -> str:
    """Return the prompt as part of a file name: up to 24 of a-z, 0-9 and hyphens, or "object" if none are left."""
    ascii_only = unicodedata.normalize("NFKD", prompt.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:24].strip("-") or "object"
