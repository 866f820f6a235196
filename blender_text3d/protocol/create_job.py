# SPDX-License-Identifier: GPL-3.0-or-later
"""A request → a new job folder, which nobody ever sees half-written."""

import json
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from ..system.machine import machine_id
from ..system.patience import replace_with_retry
from ..system.process import own_start_token
from .errors import BadRequest, InvalidJob
from .events import Queued
from .inputs import copy_inputs
from .job_folder import FORMAT, JobFolder
from .request import Request
from .version import ENGINE_VERSION

STAMP, STAMP_LETTERS, LAST_YEAR = "%Y%m%d-%H%M%S", 15, 2200


def create_job(jobs_dir: Path, request: Request, *, is_for_blender: bool = True) -> JobFolder:
    """Make the folder under a name that readers skip, fill it, then give it its own name.

    Args:
        jobs_dir: Where it goes; made where it is missing.
        request: What is asked for.
        is_for_blender: As in Queued.

    Raises:
        InvalidJob: The jobs folder cannot be written.
        BadRequest: A file that the request names cannot be read.
    """
    jobs_dir = Path(jobs_dir).absolute()
    job = JobFolder(jobs_dir / new_job_id(request.prompt, names_in(jobs_dir)))
    unborn = JobFolder(job.path.with_name(f".{job.job_id}.part"))
    try:
        unborn.path.mkdir(parents=True)
        own = copy_inputs(request, unborn.path)
        unborn.request.write_text(json.dumps(request_file(job.job_id, own), indent=2), encoding="utf-8")
        unborn.append(Queued(machine=machine_id(), started=own_start_token(), is_for_blender=is_for_blender))
        replace_with_retry(unborn.path, job.path)
    except BadRequest:
        shutil.rmtree(unborn.path, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(unborn.path, ignore_errors=True)
        raise InvalidJob(
            f"The jobs folder {jobs_dir} cannot be written ({error.strerror}). "
            "Free some space, or choose another folder in the preferences."
        ) from error
    return job


def request_file(job_id: str, request: Request) -> dict:
    """The content of request.json."""
    return {
        "format": FORMAT,
        "job_id": job_id,
        "created": time.time(),
        "engine_version": ENGINE_VERSION,
        "request": asdict(request),
    }


def names_in(folder: Path) -> list[str]:
    """Of all that is in a folder; none where it cannot be read."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


def new_job_id(prompt: str, others: Iterable[str] = ()) -> str:
    """Date and time, the prompt's first ASCII letters, and six random digits: sorts by age, reads at a glance.

    Where the clock was set back, or summer time has ended, it is a second behind the newest of the others.
    """
    now = time.strftime(STAMP)
    later = sorted((stamp for name in others if (stamp := name[:STAMP_LETTERS]) > now), reverse=True)
    stamp = next(filter(None, map(second_after, later)), now)
    return f"{stamp}-{slug(prompt)}-{secrets.token_hex(3)}"


def second_after(stamp: str) -> str:
    """The date and time that follows; "" for what is none, and for years that nobody's clock should have."""
    try:
        after = datetime.strptime(stamp, STAMP) + timedelta(seconds=1)
    except (ValueError, OverflowError):
        return ""
    return after.strftime(STAMP) if after.year < LAST_YEAR else ""


def slug(prompt: str) -> str:
    """The prompt as part of a file name: at most 24 of a-z, 0-9 and -; "object" where nothing is left."""
    ascii_only = unicodedata.normalize("NFKD", prompt).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:24].strip("-") or "object"
