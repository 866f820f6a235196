# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the disk: the job folder is blamed only if it is the cause."""

import errno
from pathlib import Path

import pytest

from blender_text3d.protocol.failures import Reason
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.worker.reporting.error_mapping import failed_event

FOLDER = JobFolder(Path("/jobs/one"))


@pytest.mark.parametrize(
    ("number", "path", "reason"),
    [
        (errno.EACCES, "/jobs/one/mesh.npz", Reason.READ_ONLY),
        (errno.ENOENT, "/jobs/one/request.json", Reason.BROKEN_JOB),
        (errno.EACCES, "/weights/prior.pt", Reason.INTERNAL),
        (errno.ENOENT, "/weights/prior.pt", Reason.INTERNAL),
        (errno.ENOSPC, "/temporary/kernel.so", Reason.DISK_FULL),
    ],
)
def test_a_file_elsewhere_is_no_fault_of_the_job_folder_unless_the_disk_is_full(number, path, reason):
    assert failed_event(OSError(number, "refused", path), FOLDER).reason == reason
