# SPDX-License-Identifier: GPL-3.0-or-later
"""The failures that worker and client tell alike: a job folder that cannot be written.

A worker that cannot even write that down leaves with the reason's exit code, and the client says it instead.
"""

import errno
from pathlib import Path

from .events import Failed

REASON_OF_ERRNO = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EFBIG: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
    errno.ENOENT: "broken_job",
    errno.ENOTDIR: "broken_job",
}
WORDS = {
    "disk_full": ("The disk is full: {} could not be written.", "Free some space and generate again."),
    "read_only": (
        "{} cannot be written: the folder or disk is read-only.",
        "Choose another jobs folder in the preferences and generate again.",
    ),
    "broken_job": ("{} is missing or incomplete.", "Generate again; do not move a job folder while it is worked on."),
}
EXIT_CODES = {"disk_full": 81, "read_only": 82, "broken_job": 83}
RESTART_WORKER = 84
"""The exit code of a worker that told how its job failed, and that should do no other."""
IDLE = 85
"""The exit code of a worker that had nothing to do for long, and so makes its memory free."""
REQUEUE_EXIT_CODES = (RESTART_WORKER, IDLE)
"""The exit codes of workers that took no job with them: what they were offered is for a fresh one."""
FATAL_REASONS = ("out_of_memory", "environment", "internal")
"""Reasons after which a process may be left with modules half imported or libraries that failed once and for all."""


def folder_failed(reason: str, path: Path | str) -> Failed:
    """The last event of a job whose folder or file cannot be used.

    Args:
        reason: "disk_full", "read_only" or "broken_job".
        path: What could not be written.
    """
    message, fix = WORDS[reason]
    return Failed(message=message.format(path), reason=reason, fix=fix)
