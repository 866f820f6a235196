# SPDX-License-Identifier: GPL-3.0-or-later
"""Failure reasons, and the exit codes of a worker that cannot write its last event to the job folder."""

import errno
from enum import StrEnum
from pathlib import Path

from .events import Failed


class Reason(StrEnum):
    """The cause of a problem, which decides the suggested fixes; stored as its value."""

    # In the last event of a job:
    BAD_IMAGE = "bad_image"
    BAD_OBJECT = "bad_object"
    BAD_PIPELINE = "bad_pipeline"
    BROKEN_BLEND = "broken_blend"
    BROKEN_JOB = "broken_job"
    BROKEN_WEIGHTS = "broken_weights"
    DISK_FULL = "disk_full"
    ENVIRONMENT = "environment"
    INTERNAL = "internal"
    INTERRUPTED = "interrupted"
    MISSING_PART = "missing_part"
    NO_DEVICE = "no_device"
    NOT_DOWNLOADED = "not_downloaded"
    NOTHING_MADE = "nothing_made"
    OUT_OF_MEMORY = "out_of_memory"
    READ_ONLY = "read_only"
    REFERENCE = "reference"
    REMOTE = "remote"
    WEIGHTS = "weights"
    WORKER_DIED = "worker_died"
    WRONG_LATENT = "wrong_latent"
    # In Blender only:
    BAD_REQUEST = "bad_request"
    BROKEN_MINI = "broken_mini"
    CLUSTER = "cluster"
    CONFLICT = "conflict"
    FETCH = "fetch"
    KIT = "kit"
    LATENT_GONE = "latent_gone"
    MISSING_RAY = "missing_ray"
    OFFLINE = "offline"
    OFFLINE_REPAIR = "offline_repair"
    OFFLINE_SETUP = "offline_set_up"
    OWN_ERROR = "own_error"
    OWN_PYTHON = "own_python"
    REMOVAL = "removal"
    RENEWAL = "renewal"
    REPAIR = "repair"
    UNFIT_BUILD = "unfit_build"


MESSAGES = {
    Reason.DISK_FULL: ("The disk is full: {} could not be written.", "Free some space and generate again."),
    Reason.READ_ONLY: (
        "{} cannot be written: the folder or disk is read-only.",
        "Choose another jobs folder in the preferences and generate again.",
    ),
    Reason.BROKEN_JOB: (
        "{} is missing or incomplete.",
        "Generate again; do not move a job folder while its job is running.",
    ),
    Reason.NOTHING_MADE: (
        "No surface was found for '{}' with seed {}.",
        "Try another seed or another prompt.",
    ),
}
"""Message and fix by reason; placeholders are the path, or the prompt and the seed."""
REASON_OF_ERRNO = {
    errno.ENOSPC: Reason.DISK_FULL,
    errno.EDQUOT: Reason.DISK_FULL,
    errno.EFBIG: Reason.DISK_FULL,
    errno.EROFS: Reason.READ_ONLY,
    errno.EACCES: Reason.READ_ONLY,
    errno.EPERM: Reason.READ_ONLY,
    errno.ENOENT: Reason.BROKEN_JOB,
    errno.ENOTDIR: Reason.BROKEN_JOB,
}
EXIT_CODES = {Reason.DISK_FULL: 81, Reason.READ_ONLY: 82, Reason.BROKEN_JOB: 83}
"""Exit code of a worker whose last event could not be written, by reason."""
RESTART_WORKER = 84
"""Exit code of a worker that reported a failed job and should not run another one."""
IDLE = 85
"""Exit code of a worker that exited to free its memory after the idle timeout."""
REQUEUE_EXIT_CODES = (RESTART_WORKER, IDLE)
"""Exit codes after which the offered jobs that were not claimed go to a new worker."""
FATAL_REASONS = (Reason.OUT_OF_MEMORY, Reason.ENVIRONMENT, Reason.INTERNAL)
"""Reasons that may leave the worker unusable, with partly imported modules or libraries in a failed state."""


def no_surface(prompt: str, seed: int) -> Failed:
    """Return the last event of a job whose model produced no surface."""
    message, fix = MESSAGES[Reason.NOTHING_MADE]
    return Failed(message=message.format(prompt, seed), reason=Reason.NOTHING_MADE, fix=fix)


def folder_failed(reason: Reason, path: Path | str) -> Failed:
    """Return the last event of a job whose folder or file cannot be used.

    Args:
        reason: DISK_FULL, READ_ONLY or BROKEN_JOB.
        path: The file or folder that could not be used.
    """
    message, fix = MESSAGES[reason]
    return Failed(message=message.format(path), reason=reason, fix=fix)
