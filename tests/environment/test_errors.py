# SPDX-License-Identifier: GPL-3.0-or-later
"""A problem is told in two sentences, and its reason decides whether another installer is tried."""

import pytest

from blender_text3d.environment.errors import DISK_FULL, NOT_WRITABLE, REASONS, WRONG_HASH, Problem, SetupFailed


def test_a_problem_reads_as_its_message_followed_by_its_fix():
    assert str(Problem("It broke.", "Mend it.")) == "It broke. Mend it."


def test_an_error_holds_the_problem_and_no_reason_unless_one_is_given():
    error = SetupFailed("It broke.", "Mend it.")
    assert str(error) == "It broke. Mend it."
    assert error.problem == Problem("It broke.", "Mend it.")
    assert error.reason == ""
    assert SetupFailed("It broke.", "Mend it.", reason=DISK_FULL).reason == "disk_full"


def test_the_reasons_are_the_three_that_stop_every_installer():
    assert REASONS == (WRONG_HASH, DISK_FULL, NOT_WRITABLE) == ("wrong_hash", "disk_full", "not_writable")


def test_a_problem_cannot_be_changed():
    with pytest.raises(AttributeError):
        Problem("a", "b").fix = "c"
