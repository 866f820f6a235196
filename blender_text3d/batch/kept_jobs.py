# SPDX-License-Identifier: GPL-3.0-or-later
"""Job folders of objects that were made, kept for a jobs folder such as Blender's, whose results show them.

A process of any machine of a cluster moves them within the output folder, which all of them reach; the one that follows
the run moves them on to the jobs folder of its machine. Each appears there complete or not at all.
"""

import shutil
from contextlib import suppress
from pathlib import Path

from ..protocol.job_folder import JobFolder
from ..system.files import replace_with_retry

FOLDER_NAME = "jobs"
UNFINISHED_PREFIX = ".text3d-"
"""Jobs folders leave out names that start with a dot."""


def keep_job(job: JobFolder, out: Path, picture: Path) -> None:
    """Move the folder of a finished job to those that are kept.

    Args:
        job: The job, on the disk of the output folder.
        out: The output folder.
        picture: Picture of the object, which becomes the job's thumbnail.

    Raises:
        OSError: A file cannot be read or written.
    """
    from PIL import Image  # only here: a process that hands out objects delivers jobs, but keeps none

    with Image.open(picture) as image:
        image.save(job.thumbnail)
    kept = out / FOLDER_NAME
    kept.mkdir(exist_ok=True)
    replace_with_retry(job.path, kept / job.job_id)


def deliver_jobs(out: Path, jobs_dir: Path) -> int:
    """Move all kept jobs to a jobs folder, which may be on another disk; returns their number.

    Raises:
        OSError: A folder cannot be read or written; what was not moved stays.
    """
    kept = out / FOLDER_NAME
    if not kept.is_dir():
        return 0
    jobs_dir.mkdir(parents=True, exist_ok=True)
    jobs = sorted(path for path in kept.iterdir() if path.is_dir() and not path.name.startswith("."))
    for path in jobs:
        deliver(path, jobs_dir)
    return len(jobs)


def deliver(path: Path, jobs_dir: Path) -> None:
    """Move a job folder; one whose name is taken was delivered before, and is removed.

    Raises:
        OSError: It cannot be moved.
    """
    target, unfinished = jobs_dir / path.name, jobs_dir / f"{UNFINISHED_PREFIX}{path.name}"
    if not target.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            shutil.copytree(path, unfinished)
            replace_with_retry(unfinished, target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    with suppress(OSError):
        shutil.rmtree(path)
