# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletion of a job folder with all its files. Links inside are removed, never followed."""

import os
import secrets
import shutil
from itertools import islice
from pathlib import Path

from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...system.files import replace_with_retry
from .. import recovery
from .entry import file_version, is_own_folder

MAX_COUNTED_FILES = 5000
DELETED = ".deleted-"
STATES = {
    "queued": "is still queued. Cancel it first.",
    "running": "is still running. Cancel it first.",
    "elsewhere": "may still be running on another machine. Cancel it there first.",
}
"""The reason not to delete a job, by its state."""


def size_bytes(folder: JobFolder) -> int:
    """Return the size of all files of a job, links not followed; of an enormous folder, only of the first files."""
    total = 0
    paths = (os.path.join(parent, name) for parent, _, names in os.walk(folder.path) for name in names)
    for path in islice(paths, MAX_COUNTED_FILES):
        try:
            total += os.lstat(path).st_size
        except OSError:  # removed in the meantime
            continue
    return total


def delete_result(folder: JobFolder) -> None:
    """Delete a job that has ended.

    The folder is renamed first: it disappears at once for all programs, and a worker that is just writing a thumbnail
    into it cannot keep it alive.

    Raises:
        InvalidJob: It is not a job folder, has not ended, or cannot be deleted.
    """
    require_deletable(folder)
    removed = folder.path.with_name(f".{folder.job_id}{DELETED}{secrets.token_hex(3)}")
    try:
        replace_with_retry(folder.path, removed, os.rename)
    except FileNotFoundError:  # another Blender was faster
        return
    except OSError as error:
        raise InvalidJob(
            f"Job {folder.job_id} cannot be deleted ({error.strerror}). Close the programs that use its files."
        ) from error
    for path in deleted_folders(folder.path.parent):
        shutil.rmtree(path, ignore_errors=True)


def require_deletable(folder: JobFolder) -> None:
    """Refuse whatever is not a job folder that has ended.

    Raises:
        InvalidJob: It is not; the message says why.
    """
    if not is_own_folder(folder.path) or file_version(folder.request) is None:
        raise InvalidJob(f"Job {folder.job_id} does not exist any more, or is not a job folder.")
    if reason := STATES.get(recovery.state(folder)):
        raise InvalidJob(f"Job {folder.job_id} {reason}")


def deleted_folders(jobs_dir: Path) -> list[Path]:
    """Return the renamed folders of this deletion, and those of one that was interrupted."""
    names = (name for name in os.listdir(jobs_dir) if name.startswith(".") and DELETED in name)
    return [jobs_dir / name for name in names]
