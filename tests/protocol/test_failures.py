# SPDX-License-Identifier: GPL-3.0-or-later
"""Failure reasons, their exit codes and messages."""

import errno

import pytest

from blender_text3d.protocol import failures
from blender_text3d.protocol.events import Failed
from blender_text3d.protocol.failures import Reason, folder_failed, no_surface


def test_stored_reasons_are_the_names_in_lower_case():
    others = {reason for reason in Reason if reason.value != reason.name.lower()}
    assert others == {Reason.OFFLINE_SETUP}
    assert Reason.OFFLINE_SETUP == "offline_set_up"


def test_worker_and_client_of_different_versions_agree_about_exit_codes():
    assert failures.EXIT_CODES == {"disk_full": 81, "read_only": 82, "broken_job": 83}
    assert (failures.RESTART_WORKER, failures.IDLE) == (84, 85)
    assert set(failures.REQUEUE_EXIT_CODES) == {84, 85}


def test_only_failures_that_may_break_the_worker_end_it():
    assert set(failures.FATAL_REASONS) == {"out_of_memory", "environment", "internal"}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EFBIG, "disk_full"),
        (errno.EROFS, "read_only"),
        (errno.EACCES, "read_only"),
        (errno.EPERM, "read_only"),
        (errno.ENOENT, "broken_job"),
        (errno.ENOTDIR, "broken_job"),
        (errno.EIO, None),
    ],
)
def test_errors_of_the_system_have_a_reason(code, reason):
    assert failures.REASON_OF_ERRNO.get(code) == reason


@pytest.mark.parametrize(
    ("reason", "message", "fix"),
    [
        (Reason.DISK_FULL, "The disk is full: /jobs/a could not be written.", "Free some space and generate again."),
        (
            Reason.READ_ONLY,
            "/jobs/a cannot be written: the folder or disk is read-only.",
            "Choose another jobs folder in the preferences and generate again.",
        ),
        (
            Reason.BROKEN_JOB,
            "/jobs/a is missing or incomplete.",
            "Generate again; do not move a job folder while its job is running.",
        ),
    ],
)
def test_a_folder_that_cannot_be_used_is_named_with_a_fix(reason, message, fix):
    event = folder_failed(reason, "/jobs/a")
    assert event == Failed(time=event.time, message=message, reason=reason, fix=fix)


def test_a_job_without_a_surface_names_prompt_and_seed():
    event = no_surface("a red chair", 5)
    assert (event.message, event.reason) == ("No surface was found for 'a red chair' with seed 5.", "nothing_made")
    assert event.fix == "Try another seed or another prompt."
